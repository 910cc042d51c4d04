"""Hazards in pipelines of GitLab."""

PATH = ".gitlab-ci.yml"

_TEST = """
 stages: [test, deploy, after]
 unit:
   stage: test
   script: [pytest]
"""
_HEAD = (
    _TEST
    + """
 production:
   stage: deploy
   environment: production
   resource_group: production
"""
)

EXAMPLES = {
    "H01 production-deploy-without-environment": _TEST
    + """
-production:  # <-
+production:
   stage: deploy
+  environment: production
   script:
     - kubectl --context prod apply -f k8s
""",
    "H02 unserialised-deploy": _TEST
    + """
-production:  # <-
+production:
   stage: deploy
   environment: production
+  resource_group: production
   script: [kubectl apply -f k8s]
""",
    "H03 cancellable-deploy": _HEAD
    + """
-  interruptible: true  # <-
+  interruptible: false
   script: [kubectl apply -f k8s]
""",
    "H04 ref-keyed-deploy-concurrency": _TEST
    + """
 production:
   stage: deploy
   environment: production
-  resource_group: deploy-$CI_COMMIT_REF_NAME  # <-
+  resource_group: deploy-production
   script: [kubectl set image deploy/web web=registry.example/web:$CI_COMMIT_SHA]
""",
    "H05 deploy-without-tests": _TEST
    + """
-production:  # <-
+production:
   stage: deploy
-  needs: []
+  needs: [unit]
   environment: production
   resource_group: production
   script: [kubectl apply -f k8s]
""",
    "H06 disarmed-gate": _HEAD
    + """
-  when: always  # <-
+  when: on_success
   script: [kubectl apply -f k8s]
""",
    "H08 deploy-on-pull-request": _HEAD
    + """
   rules:
-    - if: $CI_PIPELINE_SOURCE == "merge_request_event"  # <-
+    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
   script: [kubectl apply -f k8s]
""",
    "H09 production-deploy-from-any-branch": _TEST
    + """
-production:  # <-
+production:
   stage: deploy
   environment: production
   resource_group: production
+  rules:
+    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
   script: [kubectl apply -f k8s]
""",
    "H10 unverified-deploy": _TEST
    + """
-production:  # <-
+production:
   stage: deploy
   environment: production
   script:
     - kubectl set image deploy/web web=registry.example/web:$TAG
+    - kubectl rollout status deploy/web --timeout=5m
""",
    "H11 deploy-without-way-back": _TEST
    + """
-production:  # <-
+production:
   stage: deploy
   environment: production
   script:
     - kubectl set image deploy/web web=registry.example/web:$TAG
     - kubectl rollout status deploy/web --timeout=5m
+undo:
+  stage: after
+  when: on_failure
+  environment: production
+  script: [kubectl rollout undo deploy/web]
""",
    "H12 helm-upgrade-without-atomic": _HEAD
    + """
   script:
-    - helm upgrade web ./chart  # <-
+    - helm upgrade web ./chart --atomic --timeout 5m
""",
    "H13 migration-after-deploy": _HEAD
    + """
   script:
+    - alembic upgrade head
     - kubectl set image deploy/web web=registry.example/web:$CI_COMMIT_SHA
-    - alembic upgrade head  # <-
""",
    "H14 migration-without-backup": _HEAD
    + """
   script:
-    - alembic upgrade head  # <-
+    - pg_dump --file before.sql shop
+    - alembic upgrade head
""",
    "H15 destructive-database-command": _HEAD
    + """
   script:
-    - npx prisma migrate reset --force  # <-
+    - npx prisma migrate deploy
""",
    "H16 migration-in-every-leg": _TEST
    + """
 production:
   stage: deploy
-  parallel: 3
-  script: [alembic upgrade head]  # <-
+  script: [alembic upgrade head]
""",
    "H17 retried-non-idempotent-step": _HEAD
    + """
-  retry: 2  # <-
+  retry: {max: 2, when: runner_system_failure}
   script: [alembic upgrade head]
""",
    "H18 swallowed-failure": _HEAD
    + """
   script:
-    - alembic upgrade head || true  # <-
+    - alembic upgrade head
""",
    "H19 deploy-of-unchanged-image": _HEAD
    + """
   script:
-    - kubectl set image deploy/web web=registry.example/web:latest  # <-
+    - kubectl set image deploy/web web=registry.example/web:$CI_COMMIT_SHA
""",
    "H20 image-built-anew-for-production": """
 stages: [stage, live]
 staging:
   stage: stage
   environment: staging
   script:
     - docker build -t registry.example/web:$CI_COMMIT_SHA .
     - kubectl set image deploy/web web=registry.example/web:$CI_COMMIT_SHA
 production:
   stage: live
   environment: production
   script:
-    - docker build -t registry.example/web:$CI_COMMIT_SHA .  # <-
     - kubectl set image deploy/web web=registry.example/web:$CI_COMMIT_SHA
""",
    "H21 production-beside-staging": """
 stages: [deploy]
 staging:
   stage: deploy
   environment: staging
   script: [kubectl apply -f k8s/staging]
-production:  # <-
+production:
   stage: deploy
+  needs: [staging]
   environment: production
   script: [kubectl apply -f k8s/live]
""",
    "H22 migration-only-in-staging": """
 stages: [stage, live]
 staging:
   stage: stage
   environment: staging
   script:
     - alembic upgrade head
     - kubectl apply -f k8s/staging
-production:  # <-
+production:
   stage: live
   environment: production
   script:
+    - alembic upgrade head
     - kubectl apply -f k8s/live
""",
    "H23 printed-secret": _HEAD
    + """
   script:
-    - echo "$DEPLOY_PASSWORD" | base64  # <-
+    - echo "$DEPLOY_PASSWORD" | docker login -u ci --password-stdin
     - kubectl apply -f k8s
""",
    "H24 long-lived-cloud-key": _HEAD
    + """
+  id_tokens:
+    CLOUD_TOKEN: {aud: https://iam.example}
   script:
-    - gcloud auth activate-service-account --key-file "$KEY_FILE"  # <-
+    - gcloud auth login --cred-file=pool.json
     - kubectl apply -f k8s
""",
    "H25 login-without-token-permission": _HEAD
    + """
+  id_tokens:
+    CLOUD_TOKEN: {aud: https://sts.example}
   script:
-    - aws sts assume-role-with-web-identity --role-arn $ROLE --web-identity-token $CI_JOB_JWT_V2  # <-
+    - aws sts assume-role-with-web-identity --role-arn $ROLE --web-identity-token $CLOUD_TOKEN
     - kubectl apply -f k8s
""",
    "H26 timeout-before-verdict": _HEAD
    + """
-  timeout: 5m  # <-
+  timeout: 20m
   script:
     - kubectl apply -f k8s
     - kubectl rollout status deploy/web --timeout=10m
""",
    "H27 matrix-deployed-at-once": _TEST
    + """
-production:  # <-
+production:
   stage: deploy
   environment: production
-  parallel:
-    matrix:
-      - REGION: [eu, us]
   script: [kubectl --context $REGION apply -f k8s]
""",
    "H28 release-that-starts-nothing": """
 stages: [test, release, deploy]
 release:
   stage: release
   rules:
     - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
   script:
-    - git remote set-url origin "https://gitlab-ci-token:$CI_JOB_TOKEN@gitlab.example/shop.git"
+    - git remote set-url origin "https://ci:$RELEASE_TOKEN@gitlab.example/shop.git"
     - git tag v$CI_PIPELINE_IID
-    - git push origin v$CI_PIPELINE_IID  # <-
+    - git push origin v$CI_PIPELINE_IID
 production:
   stage: deploy
   environment: production
   rules:
     - if: $CI_COMMIT_TAG
   script: [kubectl apply -f k8s]
""",
    "H29 unattended-production-change": _HEAD
    + """
   rules:
-    - if: $CI_PIPELINE_SOURCE == "schedule"  # <-
+    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
   script: [kubectl apply -f k8s]
""",
    "H30 unlocked-terraform": _HEAD
    + """
   script:
-    - terraform apply -lock=false tfplan  # <-
+    - terraform apply tfplan
""",
    "H31 destructive-verb-in-push-pipeline": _HEAD
    + """
   script:
-    - kubectl delete ns shop  # <-
+    - kubectl apply -f k8s
""",
    "H32 silent-deploy-failure": _TEST
    + """
-production:  # <-
+production:
   stage: deploy
   environment: production
   script: [kubectl apply -f k8s]
+tell:
+  stage: after
+  when: on_failure
+  script:
+    - 'curl --fail -d "failed: $CI_PIPELINE_URL" "$SLACK_URL"'
""",
    "H33 deploy-blind-to-change": _HEAD
    + """
   rules:
     - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH
-      changes: [src/**/*]  # <-
+      changes: [src/**/*, k8s/**/*]
   script: [kubectl apply -f k8s/web.yaml]
== k8s/web.yaml
 apiVersion: v1
 kind: ConfigMap
 metadata: {name: web}
""",
    "H34 release-without-contract-check": """
 stages: [test, deploy]
 unit:
   stage: test
   script:
     - pytest
+    - oasdiff breaking origin/main:api/openapi.yaml api/openapi.yaml
-production:  # <-
+production:
   stage: deploy
   environment: production
   script: [kubectl apply -f k8s]
== api/openapi.yaml
 openapi: 3.0.3
 info: {title: Orders, version: 1.4.0}
 paths:
   /orders:
     get: {responses: {"200": {description: All of them}}}
""",
    "H35 missing-deployed-file": _HEAD
    + """
   script:
-    - kubectl apply -f k8s/wep.yaml  # <-
+    - kubectl apply -f k8s/web.yaml
== k8s/web.yaml
 apiVersion: v1
 kind: ConfigMap
 metadata: {name: web}
""",
    "H36 rollback-outside-environment": _HEAD
    + """
   script:
     - kubectl --token "$CLUSTER_TOKEN" apply -f k8s
-rollback:  # <-
+rollback:
   stage: after
   when: manual
+  environment: production
   script:
     - kubectl --token "$CLUSTER_TOKEN" rollout undo deploy/web
""",
}

NOWHERE = {
    "H07": "what starts after another pipeline starts when that has succeeded",
}
