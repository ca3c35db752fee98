#!/usr/bin/env python3
"""Seeds a small account into a moto server on loopback, for the tests.

  seed.py http://127.0.0.1:5000

For every rule that tests/expected/verdicts.yaml names there is a resource that
is as it should be and one that is not, where moto can hold them. Names end in
`good` and `bad`; where the provider gives the id, the last line printed is a
JSON object from our names to those ids. Deterministic; about ten seconds.

Texts that hold SHOSEKI-SECRET stand for secrets: a test looks for them in all
that a scan leaves behind.
"""
import base64
import io
import json
import os
import sys
import zipfile

os.environ.update(AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null", AWS_EC2_METADATA_DISABLED="true")
import boto3  # noqa: E402
from botocore.config import Config  # noqa: E402

ENDPOINT = sys.argv[1]
assert ENDPOINT.startswith("http://127.0.0.1:"), "loopback only"
REGION, ACCOUNT, OTHER = "ap-northeast-1", "123456789012", "999988887777"
SECRET = "SHOSEKI-SECRET-"
IDS = {}


def client(service, region=REGION):
    return boto3.client(
        service, region_name=region, endpoint_url=ENDPOINT, aws_access_key_id="testing", aws_secret_access_key="testing",
        config=Config(retries={"max_attempts": 1}, inject_host_prefix=False, s3={"addressing_style": "path"}),
    )


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trust(principal, **more):
    return policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})


def tls_only(action, resource):
    return {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}


def public(action, resource):
    return {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource}


def iam():
    c = client("iam")
    c.create_account_alias(AccountAlias="shoseki-test")
    c.update_account_password_policy(
        MinimumPasswordLength=14, RequireSymbols=True, RequireNumbers=True, RequireUppercaseCharacters=True, RequireLowercaseCharacters=True,
        AllowUsersToChangePassword=True, PasswordReusePrevention=5)
    documents = {
        "good": allow(["s3:GetObject"], "arn:aws:s3:::reports/*"), "admin-bad": allow("*"), "passrole-bad": allow("iam:PassRole"),
        "escalation-bad": allow("iam:CreatePolicyVersion"), "decrypt-bad": allow("kms:Decrypt"), "service-bad": allow("s3:*"),
        "tamper-bad": allow("cloudtrail:StopLogging"), "assume-bad": allow("sts:AssumeRole"),
    }
    arns = {n: c.create_policy(PolicyName=f"policy-{n}", PolicyDocument=policy(d))["Policy"]["Arn"] for n, d in documents.items()}
    for g in ["good", "bad", "empty-bad"]:
        c.create_group(GroupName=f"group-{g}")
    c.attach_group_policy(GroupName="group-good", PolicyArn=arns["good"])
    c.put_group_policy(GroupName="group-bad", PolicyName="inline", PolicyDocument=policy(allow("*")))
    for u in ["good", "bad", "admin-bad", "viagroup-bad"]:
        c.create_user(UserName=f"user-{u}")
    c.add_user_to_group(UserName="user-good", GroupName="group-good")
    c.add_user_to_group(UserName="user-viagroup-bad", GroupName="group-bad")
    c.create_login_profile(UserName="user-good", Password=SECRET + "Aa1!good")
    mfa = c.create_virtual_mfa_device(VirtualMFADeviceName="mfa-good")["VirtualMFADevice"]["SerialNumber"]
    c.enable_mfa_device(UserName="user-good", SerialNumber=mfa, AuthenticationCode1="123456", AuthenticationCode2="654321")
    c.create_virtual_mfa_device(VirtualMFADeviceName="mfa-bad")
    c.create_login_profile(UserName="user-bad", Password=SECRET + "Aa1!bad")
    c.create_access_key(UserName="user-bad")
    c.create_access_key(UserName="user-bad")
    c.put_user_policy(UserName="user-bad", PolicyName="inline", PolicyDocument=policy(allow("iam:PutUserPolicy")))
    c.attach_user_policy(UserName="user-admin-bad", PolicyArn=arns["admin-bad"])
    trusts = {
        "good": trust({"Service": "lambda.amazonaws.com"}), "public-bad": trust({"AWS": "*"}), "other-bad": trust({"AWS": f"arn:aws:iam::{OTHER}:root"}),
        "other-good": trust({"AWS": f"arn:aws:iam::{OTHER}:root"}, Condition={"StringEquals": {"sts:ExternalId": "x1"}}),
        "service-bad": trust({"Service": "ecs-tasks.amazonaws.com"}),
        "service-good": trust({"Service": "ecs-tasks.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
    }
    for n, t in trusts.items():
        c.create_role(RoleName=f"role-{n}", AssumeRolePolicyDocument=t)
    c.update_role(RoleName="role-other-bad", MaxSessionDuration=43200)
    c.put_role_policy(RoleName="role-service-bad", PolicyName="inline", PolicyDocument=policy(allow("*")))
    c.create_instance_profile(InstanceProfileName="profile")
    c.add_role_to_instance_profile(InstanceProfileName="profile", RoleName="role-good")
    a = client("account", "us-east-1")
    a.put_alternate_contact(AlternateContactType="SECURITY", EmailAddress="security@example.invalid", Name="CSIRT", PhoneNumber="+81300000000", Title="CISO")


def kms():
    c = client("kms")

    def key(name, **more):
        IDS[name] = c.create_key(**more)["KeyMetadata"]["Arn"]
        return IDS[name]

    c.enable_key_rotation(KeyId=key("key-good"))
    key("key-bad")
    c.enable_key_rotation(KeyId=key("key-slow-bad"), RotationPeriodInDays=730)
    c.put_key_policy(KeyId=key("key-public-bad"), PolicyName="default", Policy=policy(public("kms:*", "*")))
    c.put_key_policy(KeyId=key("key-other-bad"), PolicyName="default", Policy=policy(allow("kms:*", Principal={"AWS": f"arn:aws:iam::{OTHER}:root"})))
    c.schedule_key_deletion(KeyId=key("key-pending-bad").split("/")[1], PendingWindowInDays=7)
    key("key-spec-bad", KeySpec="ECC_SECG_P256K1", KeyUsage="SIGN_VERIFY")
    key("key-multi-bad", MultiRegion=True)


def s3():
    control = client("s3control")
    # Its endpoint rules put the account before any host, loopback too.
    control.meta.events.register("before-sign.s3-control", lambda request, **_: setattr(request, "url", request.url.replace(ACCOUNT + ".127", "127")))
    control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration={
        "BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": False, "RestrictPublicBuckets": False})
    c = client("s3")
    tokyo = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
    c.create_bucket(Bucket="bucket-good", ObjectLockEnabledForBucket=True, **tokyo)
    c.create_bucket(Bucket="bucket-bad", **tokyo)
    c.create_bucket(Bucket="bucket-other-bad", **tokyo)
    client("s3", "us-east-1").create_bucket(Bucket="bucket-virginia-bad")
    g = {"Bucket": "bucket-good"}
    c.put_bucket_encryption(**g, ServerSideEncryptionConfiguration={"Rules": [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": IDS["key-good"]}, "BucketKeyEnabled": True}]})
    c.put_bucket_versioning(**g, VersioningConfiguration={"Status": "Enabled"})
    c.put_public_access_block(**g, PublicAccessBlockConfiguration={k: True for k in ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"]})
    c.put_bucket_policy(**g, Policy=policy(tls_only("s3:*", ["arn:aws:s3:::bucket-good", "arn:aws:s3:::bucket-good/*"])))
    c.put_bucket_ownership_controls(**g, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]})
    c.put_bucket_lifecycle_configuration(**g, LifecycleConfiguration={"Rules": [{"ID": "x", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 365}}]})
    c.put_object_lock_configuration(**g, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 30}}})
    c.put_bucket_tagging(**g, Tagging={"TagSet": [{"Key": "class", "Value": "confidential"}]})
    c.put_bucket_acl(Bucket="bucket-other-bad", ACL="log-delivery-write")
    c.put_bucket_logging(**g, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "bucket-other-bad", "TargetPrefix": "good/"}})
    c.put_bucket_policy(Bucket="bucket-bad", Policy=policy(public("s3:GetObject", "arn:aws:s3:::bucket-bad/*")))
    c.put_bucket_acl(Bucket="bucket-bad", ACL="public-read")
    c.put_bucket_website(Bucket="bucket-bad", WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    c.put_bucket_policy(Bucket="bucket-other-bad", Policy=policy(
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": "s3:*", "Resource": ["arn:aws:s3:::bucket-other-bad", "arn:aws:s3:::bucket-other-bad/*"]}))


def network(c):
    vpc = IDS["vpc-good"] = c.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    IDS["vpc-bad"] = c.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    subnets = [c.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{i}.0/24", AvailabilityZone=REGION + z)["Subnet"]["SubnetId"] for i, z in enumerate("ac")]
    IDS["subnet-good"], IDS["subnet-bad"] = subnets
    c.modify_subnet_attribute(SubnetId=subnets[1], MapPublicIpOnLaunch={"Value": True})
    IDS["flow-log-good"] = c.create_flow_logs(
        ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogDestinationType="s3", LogDestination="arn:aws:s3:::bucket-other-bad")["FlowLogIds"][0]
    IDS["flow-log-bad"] = c.create_flow_logs(
        ResourceIds=[subnets[1]], ResourceType="Subnet", TrafficType="ACCEPT", LogDestinationType="s3", LogDestination="arn:aws:s3:::bucket-other-bad")["FlowLogIds"][0]
    IDS["endpoint-bad"] = c.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{REGION}.s3", VpcEndpointType="Gateway")["VpcEndpoint"]["VpcEndpointId"]
    IDS["nacl-good"] = c.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    IDS["nacl-bad"] = c.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    c.create_network_acl_entry(NetworkAclId=IDS["nacl-bad"], RuleNumber=100, Protocol="-1", RuleAction="allow", Egress=False, CidrBlock="0.0.0.0/0")
    tables = c.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [IDS["vpc-good"], IDS["vpc-bad"]]}])["RouteTables"]
    for t in tables:
        IDS["route-table-good" if t["VpcId"] == vpc else "route-table-bad"] = t["RouteTableId"]
    gateway = c.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    c.attach_internet_gateway(InternetGatewayId=gateway, VpcId=IDS["vpc-bad"])
    c.create_route(RouteTableId=IDS["route-table-bad"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)

    def group(name, protocol, low, high, v4=None, v6=None):
        g = IDS[name] = c.create_security_group(GroupName=name, Description="seed", VpcId=vpc)["GroupId"]
        rule = {"IpProtocol": protocol, **({} if low is None else {"FromPort": low, "ToPort": high})}
        if v4:
            rule["IpRanges"] = [{"CidrIp": v4}]
        if v6:
            rule["Ipv6Ranges"] = [{"CidrIpv6": v6}]
        c.authorize_security_group_ingress(GroupId=g, IpPermissions=[rule])
        return g

    group("sg-good", "tcp", 443, 443, "0.0.0.0/0")
    group("sg-inside-good", "tcp", 22, 22, "10.0.0.0/8")
    group("sg-ssh-bad", "tcp", 22, 22, "0.0.0.0/0")
    group("sg-rdp-bad", "tcp", 3000, 4000, v6="::/0")
    group("sg-db-bad", "tcp", 5432, 5432, "0.0.0.0/0")
    group("sg-telnet-bad", "tcp", 23, 23, "0.0.0.0/0")
    group("sg-udp-bad", "udp", 53, 53, "0.0.0.0/0")
    group("sg-all-bad", "-1", None, None, "0.0.0.0/0")
    default = c.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}])["SecurityGroups"][0]
    IDS["sg-default-bad"] = default["GroupId"]
    return vpc, subnets


def ec2():
    c = client("ec2")
    vpc, subnets = network(c)
    image = c.register_image(Name="image-good", RootDeviceName="/dev/xvda", Architecture="x86_64", VirtualizationType="hvm")["ImageId"]

    def instance(name, tokens, hops, **more):
        r = c.run_instances(
            ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro", SecurityGroupIds=[IDS["sg-good"]], UserData=f"export DB_PASSWORD={SECRET}user-data",
            MetadataOptions={"HttpTokens": tokens, "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": hops}, **more)
        IDS[name] = r["Instances"][0]["InstanceId"]

    instance("instance-good", "required", 1, SubnetId=subnets[0], IamInstanceProfile={"Name": "profile"}, Monitoring={"Enabled": True})
    instance("instance-bad", "optional", 3, SubnetId=subnets[1])
    c.create_launch_template(LaunchTemplateName="template-good", LaunchTemplateData={
        "ImageId": image, "InstanceType": "t3.micro", "MetadataOptions": {"HttpTokens": "required"}, "UserData": base64.b64encode((SECRET + "template").encode()).decode()})
    c.create_launch_template(LaunchTemplateName="template-bad", LaunchTemplateData={
        "ImageId": image, "InstanceType": "t3.micro", "NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": True}]})
    for n, encrypted in [("good", True), ("bad", False)]:
        v = IDS[f"volume-{n}"] = c.create_volume(AvailabilityZone=REGION + "a", Size=8, Encrypted=encrypted)["VolumeId"]
        IDS[f"snapshot-{n}"] = c.create_snapshot(VolumeId=v)["SnapshotId"]
    c.modify_snapshot_attribute(SnapshotId=IDS["snapshot-bad"], Attribute="createVolumePermission", OperationType="add", GroupNames=["all"])
    c.modify_snapshot_attribute(SnapshotId=IDS["snapshot-bad"], Attribute="createVolumePermission", OperationType="add", UserIds=[OTHER])
    c.enable_ebs_encryption_by_default()
    IDS["address-bad"] = c.allocate_address(Domain="vpc")["AllocationId"]
    IDS["image-bad"] = c.create_image(InstanceId=IDS["instance-bad"], Name="image-bad")["ImageId"]
    IDS["image-good"] = image
    c.modify_image_attribute(ImageId=IDS["image-bad"], Attribute="launchPermission", OperationType="add", UserGroups=["all"])
    c.modify_image_attribute(ImageId=IDS["image-bad"], Attribute="launchPermission", OperationType="add", UserIds=[OTHER])
    return vpc, subnets


def trails():
    logs, c = client("logs"), client("cloudtrail")
    logs.create_log_group(logGroupName="trail")
    logs.put_retention_policy(logGroupName="trail", retentionInDays=365)
    logs.create_log_group(logGroupName="log-group-good", kmsKeyId=IDS["key-good"])
    logs.create_log_group(logGroupName="log-group-bad")
    logs.put_retention_policy(logGroupName="log-group-bad", retentionInDays=7)
    c.create_trail(
        Name="trail-good", S3BucketName="bucket-other-bad", IsMultiRegionTrail=True, IncludeGlobalServiceEvents=True, EnableLogFileValidation=True, KmsKeyId=IDS["key-good"],
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trail:*", CloudWatchLogsRoleArn=f"arn:aws:iam::{ACCOUNT}:role/role-good")
    c.start_logging(Name="trail-good")
    c.put_event_selectors(TrailName="trail-good", EventSelectors=[
        {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]}])
    c.create_trail(Name="trail-bad", S3BucketName="bucket-other-bad")


def watching():
    logs, w, sns = client("logs"), client("cloudwatch"), client("sns")
    topic = sns.create_topic(Name="topic-good", Attributes={"KmsMasterKeyId": IDS["key-good"]})["TopicArn"]
    bad = sns.create_topic(Name="topic-bad")["TopicArn"]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy(tls_only("sns:Publish", topic)))
    sns.set_topic_attributes(TopicArn=bad, AttributeName="Policy", AttributeValue=policy(public("sns:Publish", bad)))
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.invalid")
    sns.subscribe(TopicArn=bad, Protocol="http", Endpoint="http://example.invalid/hook")
    logs.put_metric_filter(
        logGroupName="trail", filterName="root", filterPattern='{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }',
        metricTransformations=[{"metricName": "RootUse", "metricNamespace": "cis", "metricValue": "1"}])
    alarm = {"Namespace": "cis", "ComparisonOperator": "GreaterThanOrEqualToThreshold", "EvaluationPeriods": 1, "Threshold": 1, "Period": 300, "Statistic": "Sum"}
    w.put_metric_alarm(AlarmName="alarm-good", MetricName="RootUse", ActionsEnabled=True, AlarmActions=[topic], **alarm)
    w.put_metric_alarm(AlarmName="alarm-bad", MetricName="Other", ActionsEnabled=False, AlarmActions=[topic], **alarm)
    c = client("config")
    c.put_configuration_recorder(ConfigurationRecorder={
        "name": "default", "roleARN": f"arn:aws:iam::{ACCOUNT}:role/role-good", "recordingGroup": {"allSupported": True, "includeGlobalResourceTypes": True}})
    c.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "bucket-other-bad"})
    c.start_configuration_recorder(ConfigurationRecorderName="default")
    d = client("guardduty").create_detector(Enable=True, FindingPublishingFrequency="ONE_HOUR", Features=[
        {"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}, {"Name": "EKS_AUDIT_LOGS", "Status": "DISABLED"}])
    IDS["detector"] = d["DetectorId"]
    client("securityhub").enable_security_hub(EnableDefaultStandards=False)
    client("inspector2").enable(accountIds=[ACCOUNT], resourceTypes=["EC2"])
    client("macie2").enable_macie()
    e = client("events")
    e.put_rule(Name="event-rule-good", EventPattern=json.dumps({"source": ["aws.guardduty"]}))
    e.put_targets(Rule="event-rule-good", Targets=[{"Id": "1", "Arn": topic}])
    e.put_rule(Name="event-rule-bad", ScheduleExpression="rate(1 hour)")


def databases(vpc, subnets):
    c = client("rds")
    c.create_db_subnet_group(DBSubnetGroupName="subnets", DBSubnetGroupDescription="x", SubnetIds=subnets)
    c.create_db_parameter_group(DBParameterGroupName="parameters-good", DBParameterGroupFamily="postgres16", Description="x")
    c.modify_db_parameter_group(DBParameterGroupName="parameters-good", Parameters=[
        {"ParameterName": n, "ParameterValue": "1", "ApplyMethod": "immediate"} for n in ["rds.force_ssl", "log_connections", "log_disconnections"]])
    c.create_db_parameter_group(DBParameterGroupName="parameters-bad", DBParameterGroupFamily="postgres16", Description="x")
    both = {"Engine": "postgres", "DBInstanceClass": "db.t3.micro", "AllocatedStorage": 20, "MasterUserPassword": SECRET + "rds"}
    c.create_db_instance(
        DBInstanceIdentifier="db-good", MasterUsername="keeper", StorageEncrypted=True, KmsKeyId=IDS["key-good"], MultiAZ=True, BackupRetentionPeriod=30, DeletionProtection=True,
        PubliclyAccessible=False, AutoMinorVersionUpgrade=True, EnableIAMDatabaseAuthentication=True, EnableCloudwatchLogsExports=["postgresql"], MaxAllocatedStorage=100,
        DBParameterGroupName="parameters-good", DBSubnetGroupName="subnets", MonitoringInterval=60, MonitoringRoleArn=f"arn:aws:iam::{ACCOUNT}:role/role-good", **both)
    c.create_db_instance(
        DBInstanceIdentifier="db-bad", MasterUsername="postgres", StorageEncrypted=False, MultiAZ=False, BackupRetentionPeriod=1, DeletionProtection=False, PubliclyAccessible=True,
        AutoMinorVersionUpgrade=False, DBParameterGroupName="parameters-bad", DBSubnetGroupName="subnets", **both)
    for n in ["good", "bad"]:
        c.create_db_snapshot(DBSnapshotIdentifier=f"db-snapshot-{n}", DBInstanceIdentifier=f"db-{n}")
    c.modify_db_snapshot_attribute(DBSnapshotIdentifier="db-snapshot-bad", AttributeName="restore", ValuesToAdd=["all", OTHER])
    d = client("dynamodb")
    table = {"AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
    d.create_table(TableName="table-good", SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": IDS["key-good"]}, DeletionProtectionEnabled=True, **table)
    d.update_continuous_backups(TableName="table-good", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    d.create_table(TableName="table-bad", **table)
    k = client("kinesis")
    k.create_stream(StreamName="stream-good", ShardCount=1)
    k.create_stream(StreamName="stream-bad", ShardCount=1)
    k.start_stream_encryption(StreamName="stream-good", EncryptionType="KMS", KeyId=IDS["key-good"])
    f = client("efs")
    for n, encrypted in [("good", True), ("bad", False)]:
        IDS[f"efs-{n}"] = f.create_file_system(CreationToken=n, Encrypted=encrypted, Backup=encrypted)["FileSystemId"]
    for s in subnets:
        f.create_mount_target(FileSystemId=IDS["efs-good"], SubnetId=s)


def code(subnets):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as z:
        z.writestr(zipfile.ZipInfo("f.py", (2024, 1, 1, 0, 0, 0)), "def h(e, c):\n    return 1\n")
    c = client("lambda")
    both = {"Role": f"arn:aws:iam::{ACCOUNT}:role/role-good", "Handler": "f.h", "Code": {"ZipFile": archive.getvalue()}}
    c.create_function(
        FunctionName="function-good", Runtime="python3.13", KMSKeyArn=IDS["key-good"], Environment={"Variables": {"STAGE": SECRET + "lambda-good"}},
        VpcConfig={"SubnetIds": subnets, "SecurityGroupIds": [IDS["sg-good"]]}, **both)
    c.create_function(FunctionName="function-bad", Runtime="python3.7", Environment={"Variables": {"DB_PASSWORD": SECRET + "lambda-bad"}}, **both)
    c.add_permission(FunctionName="function-bad", StatementId="x", Action="lambda:InvokeFunction", Principal="*")
    c.create_function_url_config(FunctionName="function-bad", AuthType="NONE")
    c.create_function_url_config(FunctionName="function-good", AuthType="AWS_IAM")
    e = client("ecr")
    e.create_repository(repositoryName="repository-good", imageScanningConfiguration={"scanOnPush": True}, imageTagMutability="IMMUTABLE",
                        encryptionConfiguration={"encryptionType": "KMS", "kmsKey": IDS["key-good"]})
    e.create_repository(repositoryName="repository-bad")
    e.set_repository_policy(repositoryName="repository-bad", policyText=policy({"Sid": "p", "Effect": "Allow", "Principal": "*", "Action": ["ecr:*"]}))
    s = client("ecs")
    s.create_cluster(clusterName="cluster-good", settings=[{"name": "containerInsights", "value": "enabled"}])
    s.create_cluster(clusterName="cluster-bad", settings=[{"name": "containerInsights", "value": "disabled"}])
    s.register_task_definition(family="task-good", networkMode="awsvpc", containerDefinitions=[{
        "name": "app", "image": "app", "memory": 128, "privileged": False, "readonlyRootFilesystem": True, "environment": [{"name": "STAGE", "value": SECRET + "ecs-good"}],
        "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "log-group-good"}}}])
    s.register_task_definition(family="task-bad", networkMode="host", containerDefinitions=[{
        "name": "app", "image": "app", "memory": 128, "privileged": True, "readonlyRootFilesystem": False, "environment": [{"name": "DB_PASSWORD", "value": SECRET + "ecs-bad"}]}])
    network = {"awsvpcConfiguration": {"subnets": subnets, "securityGroups": [IDS["sg-good"]], "assignPublicIp": "DISABLED"}}
    s.create_service(cluster="cluster-good", serviceName="service-good", taskDefinition="task-good", desiredCount=1, launchType="FARGATE", networkConfiguration=network)
    network = {"awsvpcConfiguration": {**network["awsvpcConfiguration"], "assignPublicIp": "ENABLED"}}
    s.create_service(cluster="cluster-good", serviceName="service-bad", taskDefinition="task-good", desiredCount=1, launchType="FARGATE", networkConfiguration=network)
    k = client("eks")
    k.create_cluster(
        name="eks-good", version="1.33", roleArn=f"arn:aws:iam::{ACCOUNT}:role/role-good", resourcesVpcConfig={"subnetIds": subnets, "endpointPublicAccess": False},
        logging={"clusterLogging": [{"types": ["api", "audit", "authenticator"], "enabled": True}]},
        encryptionConfig=[{"resources": ["secrets"], "provider": {"keyArn": IDS["key-good"]}}])
    k.create_cluster(
        name="eks-bad", version="1.33", roleArn=f"arn:aws:iam::{ACCOUNT}:role/role-good",
        resourcesVpcConfig={"subnetIds": subnets, "endpointPublicAccess": True, "publicAccessCidrs": ["0.0.0.0/0"]}, logging={"clusterLogging": [{"types": ["api"], "enabled": False}]})


def messages():
    q = client("sqs")
    for n, attributes in [("good", {"KmsMasterKeyId": IDS["key-good"]}), ("bad", {"SqsManagedSseEnabled": "false"})]:
        url = q.create_queue(QueueName=f"queue-{n}", Attributes=attributes)["QueueUrl"]
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue-{n}"
        statement = tls_only("sqs:*", arn) if n == "good" else public("sqs:SendMessage", arn)
        q.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(statement)})
        IDS[f"queue-{n}"] = arn
    s = client("secretsmanager")
    s.create_secret(Name="secret-good", SecretString=SECRET + "secretsmanager", KmsKeyId=IDS["key-good"])
    s.create_secret(Name="secret-bad", SecretString=SECRET + "secretsmanager")
    s.put_resource_policy(SecretId="secret-bad", ResourcePolicy=policy(allow("secretsmanager:GetSecretValue", Principal={"AWS": f"arn:aws:iam::{OTHER}:root"})))
    p = client("ssm")
    p.put_parameter(Name="/app/password-good", Value=SECRET + "ssm", Type="SecureString", KeyId=IDS["key-good"])
    p.put_parameter(Name="/app/password-bad", Value=SECRET + "ssm", Type="String")
    p.put_parameter(Name="/app/token-bad", Value=SECRET + "ssm", Type="SecureString")
    content = json.dumps({"schemaVersion": "2.2", "description": "x", "mainSteps": [{"action": "aws:runShellScript", "name": "x", "inputs": {"runCommand": ["true"]}}]})
    for n in ["good", "bad"]:
        p.create_document(Name=f"document-{n}", Content=content, DocumentType="Command")
    p.modify_document_permission(Name="document-bad", PermissionType="Share", AccountIdsToAdd=["All"])


def edge(vpc, subnets):
    c = client("elbv2")
    good = c.create_load_balancer(Name="alb-good", Subnets=subnets, Scheme="internal", Type="application", SecurityGroups=[IDS["sg-good"]])["LoadBalancers"][0]["LoadBalancerArn"]
    bad = c.create_load_balancer(Name="alb-bad", Subnets=subnets, Scheme="internet-facing", Type="application", SecurityGroups=[IDS["sg-good"]])["LoadBalancers"][0]["LoadBalancerArn"]
    c.modify_load_balancer_attributes(LoadBalancerArn=good, Attributes=[
        {"Key": "deletion_protection.enabled", "Value": "true"}, {"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "true"},
        {"Key": "access_logs.s3.enabled", "Value": "true"}, {"Key": "access_logs.s3.bucket", "Value": "bucket-other-bad"}])
    certificate = client("acm").request_certificate(DomainName="www.example.invalid", ValidationMethod="DNS")["CertificateArn"]
    IDS["certificate-good"] = certificate
    IDS["certificate-bad"] = client("acm").request_certificate(DomainName="*.example.invalid", ValidationMethod="DNS", KeyAlgorithm="RSA_2048")["CertificateArn"]
    targets = [c.create_target_group(Name=f"targets-{n}", Protocol=p, Port=443, VpcId=vpc, TargetType="instance")["TargetGroups"][0]["TargetGroupArn"]
               for n, p in [("good", "HTTPS"), ("bad", "HTTP")]]
    forward = [{"Type": "forward", "TargetGroupArn": targets[0]}]
    redirect = [{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}]

    def listener(name, balancer, **more):
        IDS[name] = c.create_listener(LoadBalancerArn=balancer, **more)["Listeners"][0]["ListenerArn"]

    listener("listener-http-good", good, Protocol="HTTP", Port=80, DefaultActions=redirect)
    listener("listener-tls-good", good, Protocol="HTTPS", Port=443, Certificates=[{"CertificateArn": certificate}], SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06", DefaultActions=forward)
    listener("listener-http-bad", bad, Protocol="HTTP", Port=80, DefaultActions=forward)
    listener("listener-tls-bad", bad, Protocol="HTTPS", Port=443, Certificates=[{"CertificateArn": certificate}], SslPolicy="ELBSecurityPolicy-2016-08", DefaultActions=forward)
    b = client("elb")
    b.create_load_balancer(LoadBalancerName="clb-bad", Listeners=[{"Protocol": "http", "LoadBalancerPort": 80, "InstancePort": 80}], AvailabilityZones=[REGION + "a"])
    g = client("apigateway")
    for n, kind in [("good", "AWS_IAM"), ("bad", "NONE")]:
        api = g.create_rest_api(name=f"api-{n}")["id"]
        root = g.get_resources(restApiId=api)["items"][0]["id"]
        g.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType=kind)
        g.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK", integrationHttpMethod="GET")
        g.create_deployment(restApiId=api, stageName=f"stage-{n}")
    p = client("cognito-idp")
    p.create_user_pool(PoolName="pool-good", MfaConfiguration="ON", Policies={"PasswordPolicy": {"MinimumLength": 14}})
    p.create_user_pool(PoolName="pool-bad", MfaConfiguration="OFF", Policies={"PasswordPolicy": {"MinimumLength": 6}})


def delivery(subnets):
    t = {"AWSTemplateFormatVersion": "2010-09-09", "Parameters": {"Word": {"Type": "String"}}, "Resources": {"T": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"Word": {"Value": {"Ref": "Word"}}}}
    c = client("cloudformation")
    parameters = [{"ParameterKey": "Word", "ParameterValue": SECRET + "stack"}]
    c.create_stack(StackName="stack-good", TemplateBody=json.dumps(t), Parameters=parameters, EnableTerminationProtection=True, NotificationARNs=[f"arn:aws:sns:{REGION}:{ACCOUNT}:topic-good"])
    c.create_stack(StackName="stack-bad", TemplateBody=json.dumps(t), Parameters=parameters)
    a = client("autoscaling")
    a.create_launch_configuration(LaunchConfigurationName="launch-bad", ImageId=IDS["image-good"], InstanceType="t3.micro", AssociatePublicIpAddress=True, UserData=SECRET + "launch")
    a.create_auto_scaling_group(AutoScalingGroupName="group-bad", LaunchConfigurationName="launch-bad", MinSize=0, MaxSize=0, VPCZoneIdentifier=subnets[0])
    a.create_auto_scaling_group(AutoScalingGroupName="group-good", LaunchTemplate={"LaunchTemplateName": "template-good", "Version": "$Latest"}, MinSize=0, MaxSize=2, VPCZoneIdentifier=",".join(subnets))
    a.put_scaling_policy(AutoScalingGroupName="group-good", PolicyName="p", PolicyType="SimpleScaling", AdjustmentType="ChangeInCapacity", ScalingAdjustment=1)
    b = client("codebuild")
    for n, privileged in [("good", False), ("bad", True)]:
        b.create_project(
            name=f"project-{n}", source={"type": "GITHUB", "location": "https://example.invalid/x/y"}, artifacts={"type": "NO_ARTIFACTS"}, serviceRole=f"arn:aws:iam::{ACCOUNT}:role/role-good",
            environment={"type": "LINUX_CONTAINER", "image": "x", "computeType": "BUILD_GENERAL1_SMALL", "privilegedMode": privileged,
                         "environmentVariables": [{"name": "STAGE" if n == "good" else "PASSWORD", "value": SECRET + "codebuild"}]})
    s = client("sagemaker")
    for n, internet, root in [("good", "Disabled", "Disabled"), ("bad", "Enabled", "Enabled")]:
        s.create_notebook_instance(
            NotebookInstanceName=f"notebook-{n}", InstanceType="ml.t3.medium", RoleArn=f"arn:aws:iam::{ACCOUNT}:role/role-good", DirectInternetAccess=internet, RootAccess=root, SubnetId=subnets[0])
    p = client("backup")
    p.create_backup_vault(BackupVaultName="vault-good", EncryptionKeyArn=IDS["key-good"])
    p.create_backup_plan(BackupPlan={"BackupPlanName": "plan-good", "Rules": [{"RuleName": "r", "TargetBackupVaultName": "vault-good", "Lifecycle": {"DeleteAfterDays": 35}}]})
    p.create_backup_plan(BackupPlan={"BackupPlanName": "plan-bad", "Rules": [{"RuleName": "r", "TargetBackupVaultName": "vault-good", "Lifecycle": {"DeleteAfterDays": 3}}]})
    w = client("wafv2")
    visibility = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
    rule = {"Name": "r", "Priority": 0, "Action": {"Block": {}}, "VisibilityConfig": visibility, "Statement": {"GeoMatchStatement": {"CountryCodes": ["XX"]}}}
    w.create_web_acl(Name="acl-good", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visibility, Rules=[rule])
    w.create_web_acl(Name="acl-bad", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=visibility)


def world():
    o = client("organizations", "us-east-1")
    o.create_organization(FeatureSet="ALL")
    root = o.list_roots()["Roots"][0]["Id"]
    o.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    for n, attach in [("good", True), ("bad", False)]:
        p = o.create_policy(Content=policy({"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}), Description="d", Name=f"scp-{n}", Type="SERVICE_CONTROL_POLICY")
        if attach:
            o.attach_policy(PolicyId=p["Policy"]["PolicySummary"]["Id"], TargetId=root)
    r = client("route53", "us-east-1")
    for n in ["good", "bad"]:
        z = r.create_hosted_zone(Name=f"{n}.example.invalid", CallerReference=n)["HostedZone"]["Id"]
        if n == "good":
            records = [("good.example.invalid", '"v=spf1 -all"'), ("_dmarc.good.example.invalid", '"v=DMARC1; p=reject"')]
            r.change_resource_record_sets(HostedZoneId=z, ChangeBatch={"Changes": [
                {"Action": "CREATE", "ResourceRecordSet": {"Name": name, "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": v}]}} for name, v in records]})
    f = client("cloudfront", "us-east-1")
    for n, viewer, access in [("good", "redirect-to-https", "origin-access-identity/cloudfront/E1"), ("bad", "allow-all", "")]:
        d = f.create_distribution(DistributionConfig={
            "CallerReference": n, "Comment": n, "Enabled": True, "WebACLId": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/x/1" if n == "good" else "",
            "Origins": {"Quantity": 1, "Items": [{"Id": "o", "DomainName": "bucket-good.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": access}}]},
            "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": viewer, "MinTTL": 0, "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
                                     "TrustedSigners": {"Enabled": False, "Quantity": 0}}})
        IDS[f"distribution-{n}"] = d["Distribution"]["ARN"]


def main():
    iam()
    kms()
    s3()
    vpc, subnets = ec2()
    trails()
    watching()
    databases(vpc, subnets)
    code(subnets)
    messages()
    edge(vpc, subnets)
    delivery(subnets)
    world()
    print(json.dumps(IDS))


main()
