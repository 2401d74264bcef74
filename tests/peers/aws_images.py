"""Enters images into ECR with AWS's own client, and prints the digests of those that are there then, as a JSON list.

Usage: aws_images.py ENDPOINT ACCESS_KEY_ID SECRET_ACCESS_KEY REPOSITORY [TAG=DIGEST]...
"""

import json
import sys

import boto3

endpoint, key, secret, repository, *images = sys.argv[1:]
client = boto3.client(
    "ecr", endpoint_url=endpoint, region_name="eu-west-1", aws_access_key_id=key, aws_secret_access_key=secret
)
media_type = "application/vnd.oci.image.manifest.v1+json"
for image in images:
    tag, digest = image.split("=")
    manifest = {"schemaVersion": 2, "mediaType": media_type, "layers": [{"digest": digest, "size": 1}]}
    client.put_image(
        repositoryName=repository, imageManifest=json.dumps(manifest), imageTag=tag, imageDigest=digest
    )
found = client.describe_images(repositoryName=repository)["imageDetails"]
print(json.dumps(sorted(one["imageDigest"] for one in found)))
