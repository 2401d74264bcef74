"""moto as AWS's ECR, STS, IAM and KMS on loopback, with signatures and permissions checked.

Usage: aws.py ACTIONS [REPOSITORY...]

There is a user who may do ACTIONS (comma-separated), a role `push` that may do the same, and the repositories. The first line
of the output says where it listens and what the keys are. It serves until it is killed.
"""

import json
import sys
import threading
import urllib.request

import boto3
from moto.core.authorization import ActionAuthenticatorMixin
from moto.server import ThreadedMotoServer

ACCOUNT, REGION = "123456789012", "eu-west-1"


def let_web_identities_in():
    """What a token authenticates has no signature; moto looks for one all the same, and falls over its own feet."""
    check = ActionAuthenticatorMixin._authenticate_and_authorize_normal_action

    def check_the_others(self, *arguments):
        if self._get_action() != "AssumeRoleWithWebIdentity":
            check(self, *arguments)

    ActionAuthenticatorMixin._authenticate_and_authorize_normal_action = check_the_others


def allow(actions):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})


def main(actions, repositories):
    let_web_identities_in()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    keys = {"region_name": REGION, "aws_access_key_id": "AKIASETUP", "aws_secret_access_key": "setup"}
    clients = {name: boto3.client(name, endpoint_url=endpoint, **keys) for name in ("ecr", "iam")}
    for repository in repositories:
        clients["ecr"].create_repository(repositoryName=repository)
    iam = clients["iam"]
    iam.create_user(UserName="pusher")
    iam.put_user_policy(UserName="pusher", PolicyName="p", PolicyDocument=allow(actions))
    key = iam.create_access_key(UserName="pusher")["AccessKey"]
    by_user = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/pusher"}
    trust = {"Statement": [{"Effect": "Allow", "Principal": by_user, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="push", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="push", PolicyName="p", PolicyDocument=allow(actions))
    user = boto3.client(
        "sts",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    temporary = user.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    kms = boto3.client("kms", endpoint_url=endpoint, **keys)
    aliased, other = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    kms.create_alias(AliasName="alias/crhost", TargetKeyId=aliased)
    # From here on nothing is served without a signature, and nothing that is not allowed.
    headers = {"content-type": "text/plain"}
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset-auth", data=b"0", headers=headers)).read()
    facts = {
        "endpoint": endpoint,
        "id": key["AccessKeyId"],
        "secret": key["SecretAccessKey"],
        "role": role,
        "kmsKey": other,
        "temporaryId": temporary["AccessKeyId"],
        "temporarySecret": temporary["SecretAccessKey"],
        "temporaryToken": temporary["SessionToken"],
    }
    print(json.dumps(facts), flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1].split(","), sys.argv[2:])
