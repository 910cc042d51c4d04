"""Hazards in pipelines of CircleCI."""

PATH = ".circleci/config.yml"

_JOBS = """
 version: 2.1
 jobs:
   unit:
     docker: [{image: cimg/python:3.13}]
     steps: [checkout, {run: pytest}]
   production:
     docker: [{image: cimg/base:2025.01}]
     steps:
       - checkout
"""
_FLOW = """
 workflows:
   cd:
     jobs:
       - unit
       - production:
           requires: [unit]
           serial-group: deploy-production
           filters: {branches: {only: main}}
"""

EXAMPLES = {
    "H02 unserialised-deploy": _JOBS
    + """
       - run: kubectl apply -f k8s
 workflows:
   cd:
     jobs:
       - unit
-      - production:  # <-
+      - production:
           requires: [unit]
+          serial-group: deploy-production
           filters: {branches: {only: main}}
""",
    "H04 ref-keyed-deploy-concurrency": _JOBS
    + """
       - run: kubectl apply -f k8s
 workflows:
   cd:
     jobs:
       - unit
       - production:
           requires: [unit]
-          serial-group: deploy-<< pipeline.git.revision >>  # <-
+          serial-group: deploy-production
           filters: {branches: {only: main}}
""",
    "H05 deploy-without-tests": _JOBS
    + """
       - run: kubectl apply -f k8s
 workflows:
   cd:
     jobs:
       - unit
-      - production:  # <-
+      - production:
           serial-group: deploy-production
+          requires: [unit]
           filters: {branches: {only: main}}
""",
    "H06 disarmed-gate": _JOBS
    + """
       - run: kubectl apply -f k8s
 workflows:
   cd:
     jobs:
       - unit
       - production:
           requires:
-            - unit: [success, failed]  # <-
+            - unit
           filters: {branches: {only: main}}
""",
    "H09 production-deploy-from-any-branch": _JOBS
    + """
       - run: kubectl --context prod apply -f k8s
 workflows:
   cd:
     jobs:
       - unit
-      - production:  # <-
+      - production:
           requires: [unit]
+          filters: {branches: {only: main}}
""",
    "H10 unverified-deploy": _JOBS
    + """
       - run: kubectl set image deploy/web web=registry.example/web:$TAG
+      - run: kubectl rollout status deploy/web --timeout=5m
 workflows:
   cd:
     jobs:
       - unit
-      - production:  # <-
+      - production:
           requires: [unit]
           filters: {branches: {only: main}}
""",
    "H11 deploy-without-way-back": _JOBS
    + """
       - run: kubectl set image deploy/web web=registry.example/web:$TAG
       - run: kubectl rollout status deploy/web --timeout=5m
+      - run:
+          command: kubectl rollout undo deploy/web
+          when: on_fail
 workflows:
   cd:
     jobs:
       - unit
-      - production:  # <-
+      - production:
           requires: [unit]
           filters: {branches: {only: main}}
""",
    "H12 helm-upgrade-without-atomic": _JOBS
    + """
-      - run: helm upgrade web ./chart  # <-
+      - run: helm upgrade web ./chart --atomic --timeout 5m
"""
    + _FLOW,
    "H13 migration-after-deploy": _JOBS
    + """
+      - run: alembic upgrade head
       - run: kubectl set image deploy/web web=registry.example/web:$CIRCLE_SHA1
-      - run: alembic upgrade head  # <-
"""
    + _FLOW,
    "H14 migration-without-backup": _JOBS
    + """
-      - run: DATABASE_URL=$PROD_URL RAILS_ENV=production bin/rails db:migrate  # <-
+      - run: pg_dump --file before.sql $PROD_URL
+      - run: DATABASE_URL=$PROD_URL RAILS_ENV=production bin/rails db:migrate
"""
    + _FLOW,
    "H15 destructive-database-command": _JOBS
    + """
-      - run: npx prisma migrate reset --force  # <-
+      - run: npx prisma migrate deploy
       - run: kubectl -n production apply -f k8s
"""
    + _FLOW,
    "H16 migration-in-every-leg": """
 version: 2.1
 jobs:
   production:
     docker: [{image: cimg/base:2025.01}]
-    parallelism: 4
     steps:
-      - run: alembic upgrade head  # <-
+      - run: alembic upgrade head
 workflows:
   cd:
     jobs:
       - production
""",
    "H17 retried-non-idempotent-step": _JOBS
    + """
       - run:
           command: alembic upgrade head
-          max_auto_reruns: 3  # <-
"""
    + _FLOW,
    "H18 swallowed-failure": _JOBS
    + """
-      - run: alembic upgrade head || true  # <-
+      - run: alembic upgrade head
"""
    + _FLOW,
    "H19 deploy-of-unchanged-image": _JOBS
    + """
-      - run: kubectl set image deploy/web web=registry.example/web:latest  # <-
+      - run: kubectl set image deploy/web web=registry.example/web:$CIRCLE_SHA1
"""
    + _FLOW,
    "H20 image-built-anew-for-production": """
 version: 2.1
 jobs:
   staging:
     docker: [{image: cimg/base:2025.01}]
     steps:
       - run: docker build -t registry.example/web:$CIRCLE_SHA1 .
       - run: kubectl -n staging set image deploy/web web=registry.example/web:$CIRCLE_SHA1
   production:
     docker: [{image: cimg/base:2025.01}]
     steps:
-      - run: docker build -t registry.example/web:$CIRCLE_SHA1 .  # <-
       - run: kubectl -n production set image deploy/web web=registry.example/web:$CIRCLE_SHA1
 workflows:
   cd:
     jobs:
       - staging
       - production: {requires: [staging]}
""",
    "H21 production-beside-staging": """
 version: 2.1
 jobs:
   staging:
     docker: [{image: cimg/base:2025.01}]
     steps: [{run: kubectl -n staging apply -f k8s}]
   production:
     docker: [{image: cimg/base:2025.01}]
     steps: [{run: kubectl -n production apply -f k8s}]
 workflows:
   cd:
     jobs:
       - staging
-      - production:  # <-
+      - production:
           context: aws
+          requires: [staging]
""",
    "H22 migration-only-in-staging": """
 version: 2.1
 jobs:
   staging:
     docker: [{image: cimg/base:2025.01}]
     steps:
       - run: alembic upgrade head
       - run: kubectl -n staging apply -f k8s
   production:
     docker: [{image: cimg/base:2025.01}]
     steps:
+      - run: alembic upgrade head
       - run: kubectl -n production apply -f k8s
 workflows:
   cd:
     jobs:
       - staging
-      - production: {requires: [staging]}  # <-
+      - production: {requires: [staging]}
""",
    "H23 printed-secret": _JOBS
    + """
-      - run: echo "$DEPLOY_PASSWORD" | base64  # <-
+      - run: echo "$DEPLOY_PASSWORD" | docker login -u ci --password-stdin
"""
    + _FLOW,
    "H24 long-lived-cloud-key": _JOBS
    + """
-      - run: aws configure set aws_secret_access_key $AWS_SECRET  # <-
+      - run: aws sts assume-role-with-web-identity --web-identity-token $CIRCLE_OIDC_TOKEN_V2
       - run: kubectl apply -f k8s
"""
    + _FLOW,
    "H27 matrix-deployed-at-once": _JOBS
    + """
       - run: kubectl --context prod-<< parameters.region >> apply -f k8s
 workflows:
   cd:
     jobs:
       - unit
-      - production:  # <-
+      - production:
           requires: [unit]
           filters: {branches: {only: main}}
-          matrix: {parameters: {region: [eu, us]}}
+          region: eu
""",
    "H28 release-that-starts-nothing": _JOBS
    + """
       - run: kubectl apply -f k8s
 workflows:
   cd:
     jobs:
-      - unit
+      - unit:
+          filters:
+            tags: {only: /^v.*/}
       - production:
-          requires: [unit]  # <-
+          requires: [unit]
           filters:
             branches: {ignore: /.*/}
             tags: {only: /^v.*/}
""",
    "H29 unattended-production-change": _JOBS
    + """
       - run: kubectl -n production apply -f k8s
 workflows:
-  cd:
+  release:
-    triggers:
-      - schedule:
-          cron: "0 3 * * *"  # <-
-          filters: {branches: {only: main}}
     jobs:
       - unit
       - production: {requires: [unit]}
""",
    "H30 unlocked-terraform": _JOBS
    + """
-      - run: terraform apply -lock=false tfplan  # <-
+      - run: terraform apply tfplan
"""
    + _FLOW,
    "H31 destructive-verb-in-push-pipeline": _JOBS
    + """
-      - run: kubectl -n production delete ns shop  # <-
+      - run: kubectl -n production apply -f k8s
"""
    + _FLOW,
    "H32 silent-deploy-failure": _JOBS
    + """
       - run: kubectl -n production apply -f k8s
+      - run:
+          command: 'curl --fail -d "failed" "$SLACK_URL"'
+          when: on_fail
 workflows:
   cd:
     jobs:
       - unit
-      - production:  # <-
+      - production:
           requires: [unit]
           filters: {branches: {only: main}}
""",
    "H34 release-without-contract-check": _JOBS
    + """
+      - run: rollsafe check --base origin/main
       - run: kubectl apply -f k8s
 workflows:
   cd:
     jobs:
       - unit
-      - production:  # <-
+      - production:
           requires: [unit]
           filters: {branches: {only: main}}
== api/openapi.yaml
 openapi: 3.0.3
 info: {title: Orders, version: 1.4.0}
 paths:
   /orders:
     get: {responses: {"200": {description: All of them}}}
""",
    "H35 missing-deployed-file": _JOBS
    + """
-      - run: kubectl apply -f k8s/wep.yaml  # <-
+      - run: kubectl apply -f k8s/web.yaml
"""
    + _FLOW
    + """
== k8s/web.yaml
 apiVersion: v1
 kind: ConfigMap
 metadata: {name: web}
""",
    "H36 rollback-outside-environment": """
 version: 2.1
 jobs:
   production:
     docker: [{image: cimg/base:2025.01}]
     steps:
       - run: kubectl --token "$CLUSTER_TOKEN" apply -f k8s
   rollback:
     docker: [{image: cimg/base:2025.01}]
     steps:
       - run: kubectl --token "$CLUSTER_TOKEN" rollout undo deploy/web
 workflows:
   cd:
     jobs:
       - production: {context: live}
   back:
     jobs:
       - hold: {type: approval}
-      - rollback:  # <-
+      - rollback:
           requires: [hold]
+          context: live
""",
}

NOWHERE = {
    "H01": "it has no environments",
    "H03": "whether newer runs cancel older ones is a setting of the project",
    "H07": "no workflow follows another",
    "H08": "which pull requests are built is a setting of the project; H09 tells what runs for any branch",
    "H25": "every job has its token",
    "H26": "a job has no time limit of its own",
    "H33": "which paths start what is decided by a configuration that makes the configuration",
}
