#!/usr/bin/env python3
"""Makes keys in the KMS of a moto server on loopback.

  seed_keys.py http://127.0.0.1:5000

The last line printed is a JSON object from our names to the keys' ids.
"""
import json
import os
import sys

os.environ.update(AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null", AWS_EC2_METADATA_DISABLED="true")
import boto3  # noqa: E402

ENDPOINT = sys.argv[1]
assert ENDPOINT.startswith("http://127.0.0.1:"), "loopback only"
kms = boto3.client("kms", region_name="ap-northeast-1", endpoint_url=ENDPOINT, aws_access_key_id="testing", aws_secret_access_key="testing")
keys = {}
for name, more in [
    ("p256", {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}),
    ("rsa", {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}),
]:
    keys[name] = kms.create_key(**more)["KeyMetadata"]["Arn"]
kms.create_alias(AliasName="alias/seal", TargetKeyId=keys["p256"])
print(json.dumps(keys))
