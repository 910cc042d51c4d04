"""Hazards in pipelines of Azure."""

PATH = "azure-pipelines.yml"

_TEST = """
 trigger: [main]
 pool: {vmImage: ubuntu-24.04}
 stages:
   - stage: Test
     jobs:
       - job: unit
         steps: [{script: pytest}]
"""
_JOB = """
     jobs:
       - deployment: web
         environment: production
         strategy:
           runOnce:
             deploy:
               steps:
"""
_HEAD = _TEST + "\n   - stage: Production\n" + _JOB
_TOLD = (
    _TEST
    + """
   - stage: Production
     jobs:
-      - deployment: web  # <-
+      - deployment: web
         environment: production
         strategy:
           runOnce:
             deploy:
               steps:
"""
)

EXAMPLES = {
    "H01 production-deploy-without-environment": _TEST
    + """
   - stage: Production
     jobs:
-      - job: web  # <-
-        steps:
-          - script: kubectl --context prod apply -f k8s
+      - deployment: web
+        environment: production
+        strategy:
+          runOnce:
+            deploy:
+              steps:
+                - script: kubectl --context prod apply -f k8s
""",
    "H05 deploy-without-tests": _TEST
    + """
   - stage: Production
-    dependsOn: []
+    dependsOn: [Test]
     jobs:
-      - deployment: web  # <-
+      - deployment: web
         environment: production
         strategy:
           runOnce:
             deploy:
               steps:
                 - script: kubectl apply -f k8s
""",
    "H06 disarmed-gate": _TEST
    + """
   - stage: Production
-    condition: always()  # <-
+    condition: succeeded()
"""
    + _JOB
    + """
                 - script: kubectl apply -f k8s
""",
    "H08 deploy-on-pull-request": """
 trigger: [main]
-pr: [main]  # <-
+pr: none
 jobs:
   - job: unit
     steps: [{script: pytest}]
   - deployment: web
     dependsOn: unit
     environment: production
     strategy:
       runOnce:
         deploy:
           steps:
             - script: kubectl apply -f k8s
""",
    "H09 production-deploy-from-any-branch": """
-trigger: ["*"]
+trigger: [main]
 jobs:
   - job: unit
     steps: [{script: pytest}]
-  - deployment: web  # <-
+  - deployment: web
     dependsOn: unit
     environment: production
     strategy:
       runOnce:
         deploy:
           steps:
             - script: kubectl apply -f k8s
""",
    "H10 unverified-deploy": _TOLD
    + """
                 - script: kubectl set image deploy/web web=registry.example/web:$TAG
+                - script: kubectl rollout status deploy/web --timeout=5m
""",
    "H11 deploy-without-way-back": _TOLD
    + """
                 - script: kubectl set image deploy/web web=registry.example/web:$TAG
                 - script: kubectl rollout status deploy/web --timeout=5m
+            on:
+              failure:
+                steps:
+                  - script: kubectl rollout undo deploy/web
""",
    "H12 helm-upgrade-without-atomic": _HEAD
    + """
-                - script: helm upgrade web ./chart  # <-
+                - script: helm upgrade web ./chart --atomic --timeout 5m
""",
    "H13 migration-after-deploy": _HEAD
    + """
+                - script: alembic upgrade head
                 - script: kubectl set image deploy/web web=registry.example/web:$(Build.SourceVersion)
-                - script: alembic upgrade head  # <-
""",
    "H14 migration-without-backup": _HEAD
    + """
-                - script: alembic upgrade head  # <-
+                - script: pg_dump --file before.sql shop
+                - script: alembic upgrade head
""",
    "H15 destructive-database-command": _HEAD
    + """
-                - script: npx prisma migrate reset --force  # <-
+                - script: npx prisma migrate deploy
""",
    "H16 migration-in-every-leg": """
 trigger: [main]
 jobs:
   - job: production
-    strategy: {parallel: 3}
     steps:
-      - script: alembic upgrade head  # <-
+      - script: alembic upgrade head
""",
    "H17 retried-non-idempotent-step": _HEAD
    + """
                 - script: alembic upgrade head
-                  retryCountOnTaskFailure: 2  # <-
""",
    "H18 swallowed-failure": _HEAD
    + """
                 - script: alembic upgrade head
-                  continueOnError: true  # <-
""",
    "H19 deploy-of-unchanged-image": _HEAD
    + """
-                - script: kubectl set image deploy/web web=registry.example/web:latest  # <-
+                - script: kubectl set image deploy/web web=registry.example/web:$(Build.SourceVersion)
""",
    "H20 image-built-anew-for-production": """
 trigger: [main]
 jobs:
   - deployment: staging
     environment: staging
     strategy:
       runOnce:
         deploy:
           steps:
             - script: docker build -t registry.example/web:$(Build.BuildId) .
             - script: kubectl set image deploy/web web=registry.example/web:$(Build.BuildId)
   - deployment: production
     dependsOn: staging
     environment: production
     strategy:
       runOnce:
         deploy:
           steps:
-            - script: docker build -t registry.example/web:$(Build.BuildId) .  # <-
             - script: kubectl set image deploy/web web=registry.example/web:$(Build.BuildId)
""",
    "H21 production-beside-staging": """
 trigger: [main]
 jobs:
   - deployment: staging
     environment: staging
     strategy:
       runOnce:
         deploy:
           steps: [{script: kubectl apply -f k8s/staging}]
-  - deployment: live  # <-
+  - deployment: live
+    dependsOn: [staging]
     environment: production
     strategy:
       runOnce:
         deploy:
           steps: [{script: kubectl apply -f k8s/live}]
""",
    "H22 migration-only-in-staging": """
 trigger: [main]
 jobs:
   - deployment: staging
     environment: staging
     strategy:
       runOnce:
         deploy:
           steps:
             - script: alembic upgrade head
             - script: kubectl apply -f k8s/staging
-  - deployment: live  # <-
+  - deployment: live
     dependsOn: [staging]
     environment: production
     strategy:
       runOnce:
         deploy:
           steps:
+            - script: alembic upgrade head
             - script: kubectl apply -f k8s/live
""",
    "H23 printed-secret": _HEAD
    + """
-                - script: echo $(dbPassword) | base64  # <-
+                - script: echo $(dbPassword) | docker login -u ci --password-stdin
""",
    "H25 login-without-token-permission": _HEAD
    + """
                 - script: kubectl apply -f k8s
-                - bash: curl --fail -u "ci:$SYSTEM_ACCESSTOKEN" https://dev.azure.example/x  # <-
+                - bash: curl --fail -u "ci:$SYSTEM_ACCESSTOKEN" https://dev.azure.example/x
+                  env:
+                    SYSTEM_ACCESSTOKEN: $(System.AccessToken)
""",
    "H26 timeout-before-verdict": _TEST
    + """
   - stage: Production
     jobs:
       - deployment: web
-        timeoutInMinutes: 5  # <-
+        timeoutInMinutes: 20
         environment: production
         strategy:
           runOnce:
             deploy:
               steps:
                 - script: kubectl apply -f k8s
                 - script: kubectl rollout status deploy/web --timeout=10m
""",
    "H27 matrix-deployed-at-once": """
 trigger: [main]
 jobs:
-  - job: production  # <-
+  - job: production
     strategy:
+      maxParallel: 1
       matrix:
         eu: {region: eu}
         us: {region: us}
     steps:
       - script: kubectl --context prod-$(region) apply -f k8s
""",
    "H28 release-that-starts-nothing": """
 trigger:
   branches: {include: [main]}
+  tags: {include: [v*]}
 stages:
   - stage: Test
     jobs:
       - job: unit
         steps: [{script: pytest}]
   - stage: Production
-    condition: and(succeeded(), startsWith(variables['Build.SourceBranch'], 'refs/tags/'))  # <-
+    condition: and(succeeded(), startsWith(variables['Build.SourceBranch'], 'refs/tags/'))
"""
    + _JOB
    + """
                 - script: kubectl apply -f k8s
""",
    "H29 unattended-production-change": """
 trigger: [main]
-schedules:
-  - cron: "0 3 * * *"  # <-
-    branches: {include: [main]}
 jobs:
   - deployment: web
     environment: production
     strategy:
       runOnce:
         deploy:
           steps:
             - script: kubectl apply -f k8s
""",
    "H30 unlocked-terraform": _HEAD
    + """
-                - script: terraform apply -lock=false tfplan  # <-
+                - script: terraform apply tfplan
""",
    "H31 destructive-verb-in-push-pipeline": _HEAD
    + """
-                - script: kubectl delete ns shop  # <-
+                - script: kubectl apply -f k8s
""",
    "H32 silent-deploy-failure": _TOLD
    + """
                 - script: kubectl apply -f k8s
+            on:
+              failure:
+                steps:
+                  - script: 'curl --fail -d "failed" "$(slackUrl)"'
""",
    "H33 deploy-blind-to-change": """
 trigger:
   branches: {include: [main]}
-  paths: {include: [src]}  # <-
+  paths: {include: [src, k8s]}
 jobs:
   - deployment: web
     environment: production
     strategy:
       runOnce:
         deploy:
           steps:
             - script: kubectl apply -f k8s/web.yaml
== k8s/web.yaml
 apiVersion: v1
 kind: ConfigMap
 metadata: {name: web}
""",
    "H34 release-without-contract-check": _TOLD
    + """
                 - script: kubectl apply -f k8s
+                - script: pact-broker can-i-deploy --pacticipant orders
== api/openapi.yaml
 openapi: 3.0.3
 info: {title: Orders, version: 1.4.0}
 paths:
   /orders:
     get: {responses: {"200": {description: All of them}}}
""",
    "H35 missing-deployed-file": _HEAD
    + """
                 - checkout: self
-                - script: kubectl apply -f k8s/wep.yaml  # <-
+                - script: kubectl apply -f k8s/web.yaml
== k8s/web.yaml
 apiVersion: v1
 kind: ConfigMap
 metadata: {name: web}
""",
    "H36 rollback-outside-environment": """
 trigger: [main]
 jobs:
   - deployment: web
     variables:
       - group: live
     environment: production
     strategy:
       runOnce:
         deploy:
           steps:
             - script: kubectl --token "$(clusterToken)" apply -f k8s
-  - job: rollback  # <-
+  - job: rollback
     condition: failed()
     dependsOn: web
+    variables:
+      - group: live
     steps:
       - script: kubectl --token "$(clusterToken)" rollout undo deploy/web
""",
}

NOWHERE = {
    "H02": "exclusive locks are settings of an environment",
    "H03": "only runs of pull requests cancel each other, by a setting",
    "H04": "exclusive locks are settings of an environment",
    "H07": "what follows another pipeline starts when that has succeeded",
    "H24": "keys are in service connections, outside of the file",
}
