"""What commands and actions are for, and what only looks like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsafe.artefacts.recognition import (
    Classification,
    EnvironmentKind,
    Mark,
    Role,
    classify,
    classify_action,
    command_hints,
    environment_of,
    is_database_image,
    is_gate_name,
    is_test_database,
    is_test_environment,
    name_environment,
    references_of,
    role_of_name,
)
from rollsafe.formats.shell import read_shell

DEPLOY = """
kubectl apply -f k8s/
kubectl -n shop apply -k overlays/prod
kubectl set image deploy/web web=img:1
kubectl rollout restart deploy/web
kubectl create job --from=cronjob/x y
kubectl apply --dry-run=none -f x
helm upgrade --install web ./chart
helm --kube-context prod install web ./chart
helmfile -e prod apply
skaffold run -p prod
werf converge
kapp deploy -a x -f y
tk apply environments/prod
argocd app sync web
flux reconcile kustomization web
oc rollout latest dc/web
terraform apply -auto-approve
tofu apply plan.out
terraform -chdir=infra apply
terragrunt run-all apply
pulumi up --yes
cdk deploy --all
npx cdk deploy Web
sam deploy
npx sst deploy --stage prod
aws cloudformation deploy --stack-name x
az deployment group create -g x
ansible-playbook site.yml
nixos-rebuild switch --target-host x
kamal deploy
cap production deploy
bundle exec cap production deploy
dep deploy production
nomad job run web.nomad
aws ecs update-service --cluster c --service s --force-new-deployment
aws lambda update-function-code --function-name f
aws deploy create-deployment --application-name a
copilot svc deploy --name web
eb deploy
aws s3 sync dist s3://site --delete
aws cloudfront create-invalidation --distribution-id x --paths '/*'
aws ssm send-command --document-name x
serverless deploy --stage prod
sls deploy
gcloud run deploy web --image x
gcloud app deploy
gcloud functions deploy f
firebase deploy --only hosting
az webapp deploy -n x
func azure functionapp publish x
az containerapp update -n x
vercel --prod
vercel deploy --prebuilt
npx vercel --token=x
netlify deploy --prod
flyctl deploy --remote-only
railway up
heroku container:release web
git push heroku main
git push dokku main
wrangler deploy
npx wrangler pages deploy dist
doctl apps create-deployment x
cf push
supabase functions deploy hello
npx convex deploy
eas update --auto
docker stack deploy -c stack.yml web
docker service update --image x web
docker --context prod compose up -d
DOCKER_HOST=ssh://u@h docker compose up -d
rsync -az dist/ user@host:/var/www
scp -r dist "$USER@$HOST:/var/www"
ssh u@h 'cd /app && git pull'
ssh u@h systemctl restart web
ssh u@h "docker compose pull && docker compose up -d"
ssh u@h pm2 reload all
curl -X POST "$DEPLOY_HOOK"
curl "https://api.render.com/deploy/srv-x?key=y"
curl -X POST -d {} https://api.netlify.com/build_hooks/x
kubectl argo rollouts promote web
""".strip().split("\n")

NOT_DEPLOY = """
kubectl apply --dry-run=client -f x
kubectl apply --dry-run=server -f x
kubectl get pods
kubectl diff -f x
kubectl create secret generic x --dry-run=client -o yaml
kubectl config set-context x
kustomize build overlays/prod
helm template web ./chart
helm lint ./chart
helm diff upgrade web ./chart
helm upgrade --dry-run web ./chart
helm repo add x y
terraform plan
terraform init
terraform fmt -check
pulumi preview
cdk diff
cdk synth
ansible-playbook --check site.yml
ansible-playbook --syntax-check site.yml
aws ecs describe-services --cluster c
aws s3 cp s3://b/file .
aws s3 ls
gcloud auth login
vercel pull --environment=production
vercel build --prod
netlify build
docker compose build
docker push x
docker build -t x .
rsync -a a/ b/
rsync -a https://x/y z
scp u@h:/etc/x .
ssh u@h ./check-deploy.sh
ssh u@h make deploy-docs
lftp -e 'mirror /www dist; quit' h
curl -fsSL https://get.docker.com
echo kubectl apply -f x
printf 'terraform apply'
git commit -m "kubectl apply"
git push origin main
awslocal s3 sync dist s3://x --delete
deployctl --help
npm install deploy
cat deploy.sh
""".strip().split("\n")


def found(script: str) -> Classification | None:
    """Return what the last command of a script is for."""
    results = [classify(command) for command in read_shell(script).commands]
    return next((one for one in reversed(results) if one is not None), None)


def roles(script: str) -> set[Role]:
    one = found(script)
    return set(one.roles) if one is not None else set()


@pytest.mark.parametrize("script", DEPLOY)
def test_deployments_are_recognised(script: str) -> None:
    one = found(script)
    assert one is not None
    assert Role.DEPLOY in one
    assert one.requires is None
    assert not one.probable


def test_what_a_client_is_told_by_a_here_document() -> None:
    assert Role.DEPLOY in roles("lftp $HOST <<END\nmirror -R ./\nquit\nEND\n")
    assert Role.DEPLOY not in roles("lftp $HOST <<END\nmirror ./logs\nquit\nEND\n")


def test_what_a_server_builds_and_tests_is_its_own() -> None:
    assert [roles(f"ssh u@h '{script}'") for script in ("make test", "npm run build", "./ci.sh")] == [
        set()
    ] * 3


@pytest.mark.parametrize("script", NOT_DEPLOY)
def test_what_changes_nothing_is_no_deployment(script: str) -> None:
    assert Role.DEPLOY not in roles(script)


@pytest.mark.parametrize(
    "script",
    [
        "# kubectl apply -f x",
        "cat <<EOF\nkubectl apply -f x\nEOF",
        "cat > deploy.sh <<'EOF'\nterraform apply\nEOF",
        'echo "run: kubectl apply -f x" >> $GITHUB_STEP_SUMMARY',
        "git commit -m 'alembic upgrade head'",
    ],
)
def test_words_that_are_only_text_are_not_matched(script: str) -> None:
    assert found(script) is None


@pytest.mark.parametrize(
    "script",
    [
        "alembic upgrade head",
        "flask db upgrade",
        "python manage.py migrate --noinput",
        "./manage.py migrate",
        "npx prisma migrate deploy",
        "yarn prisma migrate deploy",
        "pnpm prisma db push",
        "npx drizzle-kit migrate",
        "bundle exec rails db:migrate",
        "bin/rails db:migrate:primary",
        "rake db:schema:load",
        "npx knex migrate:latest",
        "npx typeorm-ts-node-commonjs migration:run -d x",
        "npx sequelize-cli db:migrate",
        "npx mikro-orm migration:up",
        "flyway -url=x migrate",
        "docker run --rm flyway/flyway migrate",
        "liquibase --changelog-file=x update",
        "./gradlew flywayMigrate",
        "mvn flyway:migrate",
        "migrate -path db -database $URL up",
        "dbmate up",
        "goose -dir x postgres $URL up",
        "atlas migrate apply --url x",
        "sqitch deploy",
        "sqlx migrate run",
        "diesel migration run",
        "sea-orm-cli migrate up",
        "dotnet ef database update",
        "php artisan migrate --force",
        "php bin/console doctrine:migrations:migrate -n",
        "mix ecto.migrate",
        "supabase db push",
        "hasura migrate apply",
        "wrangler d1 migrations apply DB --remote",
        "pscale deploy-request deploy db 1",
        "gh-ost --execute --alter x",
        'psql "$DATABASE_URL" -f db/migrations/7.sql',
        "mysql app < migrations/7.sql",
        "docker compose run --rm web rails db:migrate",
        "kubectl exec deploy/web -- python manage.py migrate",
        "heroku run -a app rake db:migrate",
        "fly ssh console -C 'bin/rails db:migrate'",
        'aws ecs run-task --overrides \'{"command":["rake","db:migrate"]}\'',
    ],
)
def test_migrations_are_recognised(script: str) -> None:
    assert Role.MIGRATE in roles(script)


@pytest.mark.parametrize(
    "script",
    [
        "python manage.py migrate --plan",
        "python manage.py makemigrations",
        "python manage.py migrate --check",
        "npx prisma generate",
        "npx prisma migrate status",
        "alembic upgrade head --sql",
        "alembic history",
        "flyway info",
        "php artisan migrate --pretend",
        "wrangler d1 migrations apply DB --local",
        "gh-ost --alter x",
        "psql -c 'select 1'",
        "psql postgres://u@h/migrations -c 'select 1'",
    ],
)
def test_what_only_looks_at_migrations_is_none(script: str) -> None:
    assert Role.MIGRATE not in roles(script)


@pytest.mark.parametrize(
    "script",
    [
        "prisma migrate reset --force",
        "prisma db push --accept-data-loss",
        "rails db:drop",
        "rails db:schema:load",
        "flyway clean",
        "python manage.py flush --noinput",
        "php artisan migrate:fresh",
        "supabase db reset --linked",
        "typeorm schema:drop",
        "sequelize db:drop",
        "dropdb app",
        "psql -c 'DROP DATABASE app'",
    ],
)
def test_destroying_data_is_recognised(script: str) -> None:
    assert Role.DESTROY_DATA in roles(script)


@pytest.mark.parametrize(
    ("script", "role"),
    [
        ("kubectl rollout status deploy/x", Role.VERIFY),
        ("kubectl wait --for=condition=ready pod", Role.VERIFY),
        ("aws ecs wait services-stable --cluster c", Role.VERIFY),
        ("curl --fail https://x/health", Role.VERIFY),
        ("curl -sf https://x/readyz -o /dev/null", Role.VERIFY),
        ("CODE=$(curl -s -o /dev/null -w '%{http_code}' https://x)", Role.VERIFY),
        ("until curl https://x/health; do sleep 1; done", Role.VERIFY),
        ("argocd app wait web", Role.VERIFY),
        ("newman run smoke.json", Role.VERIFY),
        ("wget --spider https://x", Role.VERIFY),
        ("npx wait-on https://x", Role.VERIFY),
        ("kubectl rollout undo deploy/x", Role.ROLLBACK),
        ("helm rollback web 1", Role.ROLLBACK),
        ("vercel rollback", Role.ROLLBACK),
        ("heroku releases:rollback", Role.ROLLBACK),
        ("gcloud run services update-traffic x --to-revisions=y=100", Role.ROLLBACK),
        ("kamal rollback v1", Role.ROLLBACK),
        ("fly deploy --image registry/x:1", Role.ROLLBACK),
        ("pytest -q", Role.TEST),
        ("python -m unittest", Role.TEST),
        ("npm test", Role.TEST),
        ("npm run test:e2e", Role.TEST),
        ("yarn test", Role.TEST),
        ("go test ./...", Role.TEST),
        ("cargo test", Role.TEST),
        ("mvn -B verify", Role.TEST),
        ("./gradlew check", Role.TEST),
        ("bundle exec rspec", Role.TEST),
        ("rails test", Role.TEST),
        ("make test", Role.TEST),
        ("npx nx affected -t test", Role.TEST),
        ("npx playwright test", Role.TEST),
        ("docker push x", Role.PUBLISH),
        ("docker buildx build --push .", Role.PUBLISH),
        ("npm publish", Role.PUBLISH),
        ("gh release create v1", Role.PUBLISH),
        ("twine upload dist/*", Role.PUBLISH),
        ("cargo publish", Role.PUBLISH),
        ("mvn deploy", Role.PUBLISH),
        ("git push --tags", Role.PUBLISH),
        ("docker build .", Role.BUILD),
        ("pg_dump app > x", Role.BACKUP),
        ("aws rds create-db-snapshot --x", Role.BACKUP),
        ("gcloud sql backups create", Role.BACKUP),
        ("heroku pg:backups:capture", Role.BACKUP),
        ("curl -X POST https://hooks.slack.com/x -d {}", Role.NOTIFY),
        ("gh issue create -t x", Role.NOTIFY),
        ("terraform destroy -auto-approve", Role.TEARDOWN),
        ("helm uninstall web", Role.TEARDOWN),
        ("kubectl delete ns shop", Role.TEARDOWN),
        ("kubectl delete -f k8s/", Role.TEARDOWN),
        ("aws s3 rm s3://x --recursive", Role.TEARDOWN),
        ("terraform plan -out x", Role.PLAN),
    ],
)
def test_the_other_roles(script: str, role: Role) -> None:
    assert role in roles(script)


@pytest.mark.parametrize(
    ("script", "role"),
    [
        ("kubectl delete pod x", Role.TEARDOWN),
        ("kubectl delete job migrate", Role.TEARDOWN),
        ("curl -fsSL https://x/install.sh | bash", Role.VERIFY),
        ("curl -fo tool.tgz https://x/tool.tgz", Role.VERIFY),
        ("curl -f https://x/y > z", Role.VERIFY),
        ("curl https://x/health", Role.VERIFY),
        ("mvn package -DskipTests", Role.TEST),
        ("npm ci", Role.TEST),
        ("goreleaser release --snapshot", Role.PUBLISH),
        ("docker build --push=false .", Role.PUBLISH),
    ],
)
def test_what_misses_a_role(script: str, role: Role) -> None:
    assert role not in roles(script)


@pytest.mark.parametrize(
    ("script", "verifying", "rolling_back", "idempotent"),
    [
        ("helm upgrade web c", False, False, True),
        ("helm upgrade web c --wait", True, False, True),
        ("helm upgrade web c --atomic", True, True, True),
        ("helm upgrade web c --rollback-on-failure", True, True, True),
        ("helm upgrade web c --cleanup-on-fail", False, True, True),
        ("kubectl apply -f x", False, False, True),
        ("gcloud run deploy web", True, True, True),
        ("gcloud run deploy web --async", False, True, True),
        ("cdk deploy", True, True, True),
        ("cdk deploy --no-rollback", True, False, True),
        ("sam deploy --disable-rollback", True, False, False),
        ("fly deploy", True, False, False),
        ("fly deploy --detach", False, False, False),
        ("terraform apply", False, False, False),
        ("aws lambda publish-version --function-name f", False, False, False),
        ("alembic upgrade head", False, False, False),
        ("prisma migrate deploy", False, False, True),
    ],
)
def test_what_a_tool_does_by_itself(
    script: str, verifying: bool, rolling_back: bool, idempotent: bool
) -> None:
    one = found(script)
    assert one is not None
    assert (one.self_verifying, one.self_rolling_back, one.idempotent) == (
        verifying,
        rolling_back,
        idempotent,
    )


@pytest.mark.parametrize(
    ("script", "requires", "marks"),
    [
        ("docker compose up -d", Mark.REMOTE_DOCKER, Mark.TEST_DATABASE),
        ("docker context use prod", None, Mark.REMOTE_DOCKER),
        ("aws s3 sync dist s3://x", Mark.CLOUDFRONT, None),
        ("aws cloudfront create-invalidation --x", None, Mark.CLOUDFRONT),
        ("kind create cluster", None, Mark.LOCAL_CLUSTER),
        ("minikube start", None, Mark.LOCAL_CLUSTER),
        ("sudo systemctl restart web", Mark.SELF_HOSTED, None),
        ("docker run -d -p 5432:5432 postgres:16", None, Mark.TEST_DATABASE),
        ("supabase start", None, Mark.TEST_DATABASE),
    ],
)
def test_circumstances_are_told_not_decided(script: str, requires: Mark | None, marks: Mark | None) -> None:
    one = found(script)
    assert one is not None
    assert (one.requires, one.marks) == (requires, marks)


@pytest.mark.parametrize(
    ("script", "role"),
    [
        ("make deploy", Role.DEPLOY),
        ("make production ci deploy", Role.DEPLOY),
        ("npm run deploy:prod", Role.DEPLOY),
        ("yarn deploy", Role.DEPLOY),
        ("./scripts/deploy.sh", Role.DEPLOY),
        ("bash ci/roll-out/deployApp.sh prod", Role.DEPLOY),
        ("just rollout", Role.DEPLOY),
        ("npm run release", Role.PUBLISH),
        ("npm run db:migrate", Role.MIGRATE),
        ("./bin/rollback.sh", Role.ROLLBACK),
        ("ssh u@h ./deploy.sh", Role.DEPLOY),
        ("ssh u@h 'sh /opt/shop/deploy.sh prod'", Role.DEPLOY),
        ("ssh u@h 'docker compose exec -T web pnpm --dir web db:migrate'", Role.MIGRATE),
        ("ssh u@h 'cd /opt/shop && make rollback'", Role.ROLLBACK),
        ("gh workflow run deploy.yml", Role.DEPLOY),
        (
            "curl -X POST https://api.github.com/repos/o/r/actions/workflows/deploy.yml/dispatches",
            Role.DEPLOY,
        ),
    ],
)
def test_a_name_is_only_probable(script: str, role: Role) -> None:
    one = found(script)
    assert one is not None
    assert one.probable
    assert role in one


@pytest.mark.parametrize(
    "name",
    [
        "deploy-docs",
        "deploy:preview",
        "deploy-dry-run",
        "migration:generate",
        "release-notes",
        "install",
        "start",
    ],
)
def test_names_that_say_little(name: str) -> None:
    assert role_of_name(name) is None


@pytest.mark.parametrize(
    ("script", "keys"),
    [
        ("make -C infra -j 4 plan apply", [("make", "plan", "infra"), ("make", "apply", "infra")]),
        ("cd app && npm run deploy", [("script", "deploy", "app")]),
        ("npm --prefix web run build", [("script", "build", "web")]),
        ("pnpm deploy", []),
        ("pnpm run deploy", [("script", "deploy", "")]),
        ("yarn install", []),
        ("cd $X\nmake x", [("make", "x", None)]),
        ("cd a/../b; ./x.sh", [("file", "x.sh", "b")]),
        ("source ci/env", [("file", "ci/env", "")]),
        ("$GITHUB_WORKSPACE/ci/x.sh", [("file", "ci/x.sh", "")]),
        ("/usr/bin/x.sh", []),
        ("ssh h ./deploy.sh", []),
        ("task deploy", [("task", "deploy", "")]),
    ],
)
def test_what_a_script_calls(script: str, keys: list[tuple[str, str, str | None]]) -> None:
    called = references_of(read_shell(script).commands, "")
    assert [(one.kind.value, one.target, one.directory) for one in called] == keys


@pytest.mark.parametrize(
    ("uses", "inputs", "role"),
    [
        ("azure/webapps-deploy@v3", {}, Role.DEPLOY),
        ("aws-actions/amazon-ecs-deploy-task-definition@v2", {}, Role.DEPLOY),
        ("google-github-actions/deploy-cloudrun@v2", {}, Role.DEPLOY),
        ("superfly/flyctl-actions@1", {"args": "deploy --remote-only"}, Role.DEPLOY),
        ("cloudflare/wrangler-action@v3", {}, Role.DEPLOY),
        ("cloudflare/wrangler-action@v3", {"command": "pages deploy dist"}, Role.DEPLOY),
        ("FirebaseExtended/action-hosting-deploy@v0", {"channelId": "live"}, Role.DEPLOY),
        ("actions/deploy-pages@v4", {}, Role.DEPLOY),
        ("pulumi/actions@v6", {"command": "up"}, Role.DEPLOY),
        ("dflook/terraform-apply@v1", {}, Role.DEPLOY),
        ("op5dev/tf-via-pr@v13", {"command": "apply"}, Role.DEPLOY),
        ("bitovi/github-actions-deploy-docker@v1", {}, Role.DEPLOY),
        ("digitalocean/app_action/deploy@v2", {}, Role.DEPLOY),
        ("o/r/.github/workflows/deploy-web.yml@main", {}, Role.DEPLOY),
        ("./.github/actions/deploy/", {}, Role.DEPLOY),
        ("ariga/atlas-action/migrate/apply@v1", {}, Role.MIGRATE),
        ("liquibase-github-actions/update@v4", {}, Role.MIGRATE),
        ("docker/build-push-action@v6", {"push": "true"}, Role.PUBLISH),
        ("docker/build-push-action@v6", {}, Role.BUILD),
        ("slackapi/slack-github-action@v2", {}, Role.NOTIFY),
        ("jtalk/url-health-check-action@v4", {}, Role.VERIFY),
        ("cypress-io/github-action@v6", {}, Role.TEST),
        ("aws-actions/configure-aws-credentials@v4", {}, Role.AUTHENTICATE),
    ],
)
def test_actions_are_recognised(uses: str, inputs: dict[str, str], role: Role) -> None:
    one = classify_action(uses, inputs)
    assert one is not None
    assert role in one


@pytest.mark.parametrize(
    ("uses", "inputs"),
    [
        ("actions/checkout@v4", {}),
        ("azure/k8s-bake@v3", {}),
        ("azure/aks-set-context@v4", {}),
        ("superfly/flyctl-actions/setup-flyctl@master", {}),
        ("FirebaseExtended/action-hosting-deploy@v0", {"channelId": "pr-1"}),
        ("pulumi/actions@v6", {"command": "preview"}),
        ("op5dev/tf-via-pr@v13", {"command": "plan"}),
        ("getsentry/action-release@v3", {}),
        ("cloudflare/wrangler-action@v3", {"command": "whoami"}),
        ("./.github/actions/setup", {}),
        ("docker://alpine:3", {}),
        ("", {}),
    ],
)
def test_actions_that_do_not_ship(uses: str, inputs: dict[str, str]) -> None:
    one = classify_action(uses, inputs)
    assert one is None or not one.roles & {Role.DEPLOY, Role.MIGRATE}


def test_waiting_for_stability_is_an_input() -> None:
    uses = "aws-actions/amazon-ecs-deploy-task-definition@v2"
    flags = [
        one.self_verifying
        for value in ("true", "false")
        if (one := classify_action(uses, {"wait-for-service-stability": value})) is not None
    ]
    assert flags == [True, False]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("production", EnvironmentKind.PRODUCTION),
        ("Prod", EnvironmentKind.PRODUCTION),
        ("live", EnvironmentKind.PRODUCTION),
        ("web-prod", EnvironmentKind.PRODUCTION),
        ("aws/production", EnvironmentKind.PRODUCTION),
        ("prod-canary", EnvironmentKind.PRODUCTION),
        ("prod-eu", EnvironmentKind.PRODUCTION),
        ("staging", EnvironmentKind.STAGING),
        ("pre-prod", EnvironmentKind.STAGING),
        ("preprod", EnvironmentKind.STAGING),
        ("non-production", EnvironmentKind.STAGING),
        ("test-production", EnvironmentKind.DEVELOPMENT),
        ("pr-${{ github.event.number }}", EnvironmentKind.PREVIEW),
        ("qa", EnvironmentKind.DEVELOPMENT),
        ("github-pages", EnvironmentKind.UNKNOWN),
        ("${{ inputs.environment }}", EnvironmentKind.UNKNOWN),
        ("${{ github.ref == 'refs/heads/main' && 'production' || 'staging' }}", EnvironmentKind.PRODUCTION),
        ("product-service", EnvironmentKind.UNKNOWN),
        ("reproduction", EnvironmentKind.UNKNOWN),
        ("", EnvironmentKind.UNKNOWN),
    ],
)
def test_environments_by_name(name: str, kind: EnvironmentKind) -> None:
    assert environment_of(name) is kind


def test_names_in_passing_are_judged_with_care() -> None:
    assert name_environment("ci") is EnvironmentKind.UNKNOWN
    assert name_environment("staging and production") is EnvironmentKind.UNKNOWN
    assert name_environment("deploy-prod") is EnvironmentKind.PRODUCTION
    assert name_environment("pre-prod") is EnvironmentKind.STAGING


@pytest.mark.parametrize(
    ("script", "strong"),
    [
        ("vercel --prod", True),
        ("sls deploy --stage prod", True),
        ("helm upgrade x y -n production", True),
        ("helm upgrade x y -f values-prod.yaml", True),
        ("terraform apply -var-file=prod.tfvars", True),
        ("kubectl apply -k k8s/overlays/prod", True),
        ("TF_WORKSPACE=prod terraform apply", True),
        ("RAILS_ENV=production rails db:migrate", True),
        ("eb deploy app-prod", False),
        ("curl -X POST ${{ secrets.PROD_DEPLOY_HOOK }}", False),
    ],
)
def test_commands_that_name_production(script: str, strong: bool) -> None:
    hints = list(command_hints(read_shell(script).commands[-1]))
    assert [(hint.kind, hint.strong) for hint in hints] == [(EnvironmentKind.PRODUCTION, strong)]


@pytest.mark.parametrize(
    "address",
    [
        "localhost",
        "postgres",
        "postgres://u:p@localhost:5432/x",
        "postgresql://postgres@db/x",
        "sqlite:///x.db",
    ],
)
def test_databases_of_the_job_itself(address: str) -> None:
    assert is_test_database(address)
    assert is_test_environment({"DATABASE_URL": address})


@pytest.mark.parametrize(
    "address", ["db.example.com", "${{ secrets.DATABASE_URL }}", "postgres://u@prod.x/app", ""]
)
def test_databases_that_stay(address: str) -> None:
    assert not is_test_database(address)


def test_test_modes_and_images() -> None:
    assert is_test_environment({"RAILS_ENV": "test"})
    assert is_test_environment({"DJANGO_SETTINGS_MODULE": "app.settings.test"})
    assert not is_test_environment({"RAILS_ENV": "production", "NAME": "test"})
    assert is_database_image("postgis/postgis:16")
    assert not is_database_image("nginx")


@pytest.mark.parametrize(
    ("name", "gate"),
    [("unit-tests", True), ("CI", True), ("lint", True), ("build-and-deploy", False), ("latest", False)],
)
def test_gate_names(name: str, gate: bool) -> None:
    assert is_gate_name(name) is gate


@given(st.lists(st.sampled_from(" ".join(DEPLOY + NOT_DEPLOY).split(" ")), max_size=12))
def test_no_order_of_words_raises(words: list[str]) -> None:
    for command in read_shell(" ".join(words)).commands:
        classify(command)
        list(command_hints(command))
    list(references_of(read_shell(" ".join(words)).commands, ""))
