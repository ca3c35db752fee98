#!/usr/bin/env python3
"""Seeds secrets into a moto server on loopback, in all kinds of places.

  seed_secrets.py http://127.0.0.1:5000

The last line printed is a JSON list with one object for each secret: `place`,
`secret`, `text` (what was stored), `needles` (what may be nowhere afterwards)
and `marker` (a name in the same answer, which shows that it was read).
Deterministic.
"""
import base64
import io
import json
import os
import random
import string
import sys
import zipfile

os.environ.update(AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null", AWS_EC2_METADATA_DISABLED="true")
import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402

ENDPOINT = sys.argv[1]
assert ENDPOINT.startswith("http://127.0.0.1:"), "loopback only"
REGION, ACCOUNT = "ap-northeast-1", "123456789012"
ANY, HEX = string.ascii_letters + string.digits, "0123456789abcdef"
RANDOM = random.Random(20261129)
SEEDED = []


def client(service, region=REGION):
    return boto3.client(
        service, region_name=region, endpoint_url=ENDPOINT, aws_access_key_id="testing", aws_secret_access_key="testing",
        config=Config(retries={"max_attempts": 1}, inject_host_prefix=False, s3={"addressing_style": "path"}),
    )


def some(n, alphabet=ANY):
    return "".join(RANDOM.choice(alphabet) for _ in range(n))


# Twenty forms: what stands before the secret, the secret, what stands after it.
FORMS = [
    lambda: ("-----BEGIN RSA PRIVATE KEY-----\n", some(64), "\n-----END RSA PRIVATE KEY-----"),
    lambda: ("-----BEGIN PRIVATE KEY-----", some(64), "-----END PRIVATE KEY-----"),
    lambda: ("aws_secret_access_key=", some(40), ""),
    lambda: ("AKIAIOSFODNN7EXAMPLE:", some(40), ""),
    lambda: ("AWS_SESSION_TOKEN=", some(110), ""),
    lambda: ("https://b.s3.amazonaws.com/k?X-Amz-Signature=", some(64, HEX), ""),
    lambda: (f"eyJ{some(20)}.eyJ{some(20)}.", some(43), ""),
    lambda: ("ghp_", some(36), ""),
    lambda: ("github_pat_", some(60), ""),
    lambda: ("glpat-", some(20), ""),
    lambda: ("xoxb-1234567890-", some(24), ""),
    lambda: ("AIza", some(35), ""),
    lambda: ("sk_live_", some(24), ""),
    lambda: (f"SG.{some(22)}.", some(43), ""),
    lambda: ("npm_", some(36), ""),
    lambda: ("hvs.", some(24), ""),
    lambda: ("postgres://app:", some(16), "@db.example:5432/app"),
    lambda: ("Server=db;Password=", some(16), ";Encrypt=true"),
    lambda: ("DB_PASSWORD=", some(16), ""),
    lambda: ("Authorization: Bearer ", some(32), ""),
]
# Those without characters that names may not have.
NAMES = [lambda: ("ghp_", some(36), ""), lambda: ("npm_", some(36), ""), lambda: ("sk_live_", some(24), ""), lambda: ("glpat-", some(20), "")]


def b64(text):
    return base64.b64encode(text.encode()).decode()


def keep(place, marker, secret, text, wrapped=None):
    """`wrapped`: the text as it is stored, where it does not show the secret."""
    SEEDED.append({"place": place, "marker": marker, "secret": secret, "text": text, "needles": [secret] + ([wrapped] if wrapped else [])})
    return wrapped or text


def plain(place, marker, forms=FORMS, around="see {} there"):
    before, secret, after = forms[len(SEEDED) % len(forms)]()
    return keep(place, marker, secret, around.format(before + secret + after))


def name(place):
    """A secret that is a resource's name; its neighbour is the marker."""
    return plain(place, "", NAMES, "{}")


def bare(place, marker):
    """A value with no form of its own: only its place tells that it is secret."""
    secret = some(18)
    return keep(place, marker, secret, secret)


def wrapped(place, marker):
    before, secret, after = FORMS[len(SEEDED) % len(FORMS)]()
    text = f"#!/bin/sh\nexport X='{before + secret + after}'\n"
    return keep(place, marker, secret, text, b64(text))


def nested(place, marker):
    """JSON text in JSON text."""
    before, secret, after = FORMS[len(SEEDED) % len(FORMS)]()
    return keep(place, marker, secret, json.dumps({"a": json.dumps({"note": before + secret + after}), "b": [1]}))


def policy(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", **statement}]})


def tags(place, marker, n, make=plain):
    return [{"Key": f"k{i}", "Value": make(place, marker)} for i in range(n)]


def archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr(zipfile.ZipInfo("f.py", (2024, 1, 1, 0, 0, 0)), "def h(e, c):\n    return 1\n")
    return out.getvalue()


def iam():
    c = client("iam")
    for n in range(4):
        user = f"user-tags-{n}"
        c.create_user(UserName=user, Tags=tags("user tag", user, 2))
    when = lambda place, m: {"StringEquals": {"aws:UserAgent": [plain(place, m), wrapped(place, m), nested(place, m)]}}  # noqa: E731
    for n in range(3):
        m = f"policy-{n}"
        c.create_policy(PolicyName=m, PolicyDocument=policy(Resource="*", Condition=when("managed policy", m)))
        m = f"role-{n}"
        trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}, "Condition": when("trust policy", m)}]})
        c.create_role(RoleName=m, AssumeRolePolicyDocument=trust, Description=plain("role description", m))
        c.put_role_policy(RoleName=m, PolicyName="inline", PolicyDocument=policy(Resource="*", Condition=when("inline policy", m)))
    return f"arn:aws:iam::{ACCOUNT}:role/role-0"


def code(role):
    c = client("lambda")
    for n in range(3):
        m = f"function-{n}"
        c.create_function(
            FunctionName=m, Runtime="python3.13", Role=role, Handler="f.h", Code={"ZipFile": archive()}, Description=[plain, wrapped, nested][n]("function description", m)[:256],
            Environment={"Variables": {f"V{i}": bare("function environment", m) for i in range(4)}})
    e = client("ecs")
    for n in range(2):
        m = f"task-{n}"
        environment = [{"name": f"V{i}", "value": bare("task environment", m)} for i in range(4)]
        e.register_task_definition(family=m, containerDefinitions=[{
            "name": "app", "image": "app", "memory": 128, "environment": environment, "command": ["run", plain("task command", m)]}])
    b = client("codebuild")
    b.create_project(
        name="project-0", source={"type": "GITHUB", "location": "https://example.invalid/x/y", "buildspec": plain("build specification", "project-0")}, artifacts={"type": "NO_ARTIFACTS"}, serviceRole=role,
        environment={"type": "LINUX_CONTAINER", "image": "x", "computeType": "BUILD_GENERAL1_SMALL",
                     "environmentVariables": [{"name": f"V{i}", "value": bare("build environment", "project-0")} for i in range(4)]})
    r = client("ecr")
    r.create_repository(repositoryName="repository-0")
    r.set_repository_policy(repositoryName="repository-0", policyText=policy(Sid=plain("repository policy", "repository-0"), Principal="*"))
    s = client("stepfunctions")
    container = {"Environment": [{"Name": "DB_PASSWORD", "Value": bare("state machine", "machine-0")}]}
    definition = {"StartAt": "a", "States": {"a": {"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask", "Comment": plain("state machine", "machine-0"),
                                                   "Parameters": {"Overrides": {"ContainerOverrides": [container]}, "Text": nested("state machine", "machine-0")}, "End": True}}}
    s.create_state_machine(name="machine-0", roleArn=role, definition=json.dumps(definition))


def machines():
    c = client("ec2")
    for n in range(3):
        vpc = c.create_vpc(CidrBlock=f"10.{n}.0.0/16")["Vpc"]["VpcId"]
        c.create_tags(Resources=[vpc], Tags=tags("VPC tag", vpc, 2) + [{"Key": "b", "Value": wrapped("VPC tag", vpc)}, {"Key": "n", "Value": nested("VPC tag", vpc)}])
        group = f"group-{n}"
        c.create_security_group(GroupName=group, Description=plain("security group", group), VpcId=vpc)
    image = c.describe_images(Owners=["amazon"])["Images"]
    image = image[0]["ImageId"] if image else "ami-12345678"
    for n in range(3):
        m = f"template-{n}"
        c.create_launch_template(LaunchTemplateName=m, VersionDescription=plain("template description", m), LaunchTemplateData={"UserData": wrapped("template user data", m), "InstanceType": "t3.micro"})
    reservation = c.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro", UserData=plain("instance user data", ""))
    instance = reservation["Instances"][0]["InstanceId"]
    c.create_tags(Resources=[instance], Tags=tags("instance tag", instance, 3))
    a = client("autoscaling")
    for n in range(3):
        m = f"launch-{n}"
        a.create_launch_configuration(LaunchConfigurationName=m, ImageId=image, InstanceType="t3.micro", UserData=wrapped("launch configuration", m))


def stores():
    c = client("s3")
    tokyo = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
    for n in range(3):
        m = f"bucket-{n}"
        c.create_bucket(Bucket=m, **tokyo)
        c.put_bucket_policy(Bucket=m, Policy=policy(Sid=plain("bucket policy", m), Principal="*", Resource=f"arn:aws:s3:::{m}/*", Condition={"StringEquals": {"aws:UserAgent": [wrapped("bucket policy", m), nested("bucket policy", m)]}}))
        c.put_bucket_tagging(Bucket=m, Tagging={"TagSet": tags("bucket tag", "", 2)})
    c.create_bucket(Bucket=keep("bucket name", "bucket-0", secret := some(24, "abcdef0123456789"), "glpat-" + secret), **tokyo)
    r = client("rds")
    for n in range(2):
        m = f"database-{n}"
        r.create_db_instance(DBInstanceIdentifier=m, DBInstanceClass="db.t3.micro", Engine="postgres", MasterUsername="u", MasterUserPassword=bare("database password", m), Tags=tags("database tag", m, 2))
    d = client("dynamodb")
    d.create_table(TableName="table-0", AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}], KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST", Tags=tags("table tag", "", 2))
    s = client("secretsmanager")
    for n in range(3):
        m = f"secret-{n}"
        s.create_secret(Name=m, Description=plain("secret's description", m), SecretString=bare("secret", m), Tags=tags("secret's tag", m, 2))
    s.create_secret(Name=name("secret's name"), SecretString=bare("secret", ""))
    p = client("ssm")
    for n in range(3):
        m = f"/parameter/{n}"
        p.put_parameter(Name=m, Value=bare("parameter", m), Type=["String", "SecureString", "StringList"][n], Description=plain("parameter description", m))
    content = {"schemaVersion": "2.2", "description": plain("document", ""), "mainSteps": [{"action": "aws:runShellScript", "name": "x", "inputs": {"runCommand": [wrapped("document", "")]}}]}
    p.create_document(Name="document-0", Content=json.dumps(content), DocumentType="Command")
    k = client("kms")
    for n in range(3):
        key = k.create_key(Description=[plain, wrapped, nested][n]("key description", ""))["KeyMetadata"]["KeyId"]
        SEEDED[-1]["marker"] = key
        k.put_key_policy(KeyId=key, PolicyName="default", Policy=policy(Sid=plain("key policy", key), Principal="*", Resource="*"))


def messages():
    q = client("sqs")
    for n in range(3):
        m = f"queue-{n}"
        url = q.create_queue(QueueName=m)["QueueUrl"]
        q.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(Sid=plain("queue policy", m), Principal="*", Resource="*", Condition={"StringEquals": {"aws:UserAgent": wrapped("queue policy", m)}})})
    q.create_queue(QueueName=name("queue's name"))
    s = client("sns")
    for n in range(3):
        m = f"topic-{n}"
        arn = s.create_topic(Name=m, Attributes={"DisplayName": plain("topic's display name", m)})["TopicArn"]
        s.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy(Sid=plain("topic policy", m), Principal="*", Resource=arn))
        secret = some(16)
        s.subscribe(TopicArn=arn, Protocol="https", Endpoint=keep("subscription", m, secret, f"https://hook:{secret}@example.invalid/in"))
    e = client("events")
    for n in range(3):
        m = f"rule-{n}"
        e.put_rule(Name=m, ScheduleExpression="rate(1 day)", Description=plain("event rule", m))
        e.put_targets(Rule=m, Targets=[{"Id": "t", "Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue-0", "Input": json.dumps({"k": bare("event target", m)})}])
    l = client("logs")
    l.create_log_group(logGroupName=name("log group's name"))
    w = client("cloudwatch")
    w.put_metric_alarm(
        AlarmName="alarm-0", AlarmDescription=plain("alarm", "alarm-0"), ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, MetricName="m", Namespace="n", Period=60, Statistic="Sum", Threshold=1,
        AlarmActions=[f"arn:aws:sns:{REGION}:{ACCOUNT}:topic-0"])


def edge():
    c = client("cloudformation")
    for n in range(2):
        m = f"stack-{n}"
        parameters = {f"P{i}": bare("stack parameter", m) for i in range(4)}
        outputs = {f"O{i}": {"Value": bare("stack output", m), "Description": plain("stack output", m)} for i in range(4)}
        template = {"AWSTemplateFormatVersion": "2010-09-09", "Description": plain("stack description", m), "Parameters": {p: {"Type": "String"} for p in parameters},
                    "Resources": {"T": {"Type": "AWS::SQS::Queue"}}, "Outputs": outputs}
        c.create_stack(StackName=m, TemplateBody=json.dumps(template), Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()], Tags=tags("stack tag", m, 2))
    g = client("apigateway")
    api = g.create_rest_api(name="api-0", description=plain("API description", "api-0"))["id"]
    root = g.get_resources(restApiId=api)["items"][0]["id"]
    g.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    g.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK", integrationHttpMethod="GET")
    g.create_deployment(restApiId=api, stageName="stage-0", variables={f"v{i}": bare("stage variable", "stage-0") for i in range(3)})
    r = client("route53", "us-east-1")
    z = r.create_hosted_zone(Name="example.invalid", CallerReference="x")["HostedZone"]["Id"]
    r.change_resource_record_sets(HostedZoneId=z, ChangeBatch={"Changes": [
        {"Action": "CREATE", "ResourceRecordSet": {"Name": "example.invalid", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": json.dumps(plain("TXT record", ""))}]}}]})
    f = client("cloudfront", "us-east-1")
    f.create_distribution(DistributionConfig={
        "CallerReference": "x", "Comment": plain("distribution", ""), "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [{"Id": "o", "DomainName": "origin.example.invalid", "CustomHeaders": {"Quantity": 1, "Items": [{"HeaderName": "X-Origin", "HeaderValue": plain("origin header", "")}]},
                                              "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}}]},
        "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all", "MinTTL": 0, "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
                                 "TrustedSigners": {"Enabled": False, "Quantity": 0}}})
    o = client("organizations", "us-east-1")
    o.create_organization(FeatureSet="ALL")
    o.create_policy(Content=policy(Resource="*", Condition={"StringEquals": {"aws:UserAgent": plain("control policy", "")}}), Description=plain("control policy", ""), Name="scp", Type="SERVICE_CONTROL_POLICY")


def main():
    role = iam()
    code(role)
    machines()
    stores()
    messages()
    edge()
    print(json.dumps(SEEDED))


main()
