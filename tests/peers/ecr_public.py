"""What AWS's own client makes of ECR Public at an endpoint: it creates a repository, finds it, gets a token, and lists
the registry's aliases, each with whether it is the primary one.

Usage: ecr_public.py ENDPOINT REPOSITORY
"""

import base64
import json
import sys

import boto3
from botocore.exceptions import ClientError

endpoint, name = sys.argv[1:]
client = boto3.client(
    "ecr-public",
    endpoint_url=endpoint,
    region_name="us-east-1",
    aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
    aws_secret_access_key="secret",
)


def refused(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]


absent = refused(client.describe_repositories, repositoryNames=[name])
created = client.create_repository(repositoryName=name)["repository"]["repositoryUri"]
again = refused(client.create_repository, repositoryName=name)
found = client.describe_repositories(repositoryNames=[name])["repositories"][0]["repositoryUri"]
data = client.get_authorization_token()["authorizationData"]
token = base64.b64decode(data["authorizationToken"]).decode()
aliases = {
    alias["name"]: alias["primaryRegistryAlias"]
    for registry in client.describe_registries()["registries"]
    for alias in registry["aliases"]
}
print(
    json.dumps(
        {
            "absent": absent,
            "created": created,
            "again": again,
            "found": found,
            "token": token,
            "expires": data["expiresAt"].timestamp(),
            "aliases": aliases,
        }
    )
)
