"""What repositories AWS's own client sees, as one JSON object of their names.

Usage: aws_repositories.py ENDPOINT ACCESS_KEY_ID SECRET_ACCESS_KEY
"""

import json
import sys

import boto3

endpoint, key, secret = sys.argv[1:]
client = boto3.client(
    "ecr", endpoint_url=endpoint, region_name="eu-west-1", aws_access_key_id=key, aws_secret_access_key=secret
)
found = client.describe_repositories()["repositories"]
kept = ("imageTagMutability", "imageScanningConfiguration")
print(json.dumps({one["repositoryName"]: {name: one.get(name) for name in kept} for one in found}))
