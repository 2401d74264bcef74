"""Requests as the SDKs of Alibaba Cloud, Huawei Cloud and Tencent Cloud sign them: one JSON line for each.

The unit tests of the flavors `alibaba`, `huawei` and `tencent` hold their own signatures to these lines, so that no test
run needs the SDKs. To make them anew:

    pip install alibabacloud_cr20181201 huaweicloudsdkswr tencentcloud-sdk-python-tcr freezegun
    python signatures.py

The clock stands still, random values are fixed, and nothing is sent.
"""

import json

import freezegun
import requests
from requests.adapters import HTTPAdapter

# 2026-11-20T12:00:00Z.
NOW = "2026-11-20T12:00:00Z"
KEY, SECRET, TOKEN = "AKIDEXAMPLE", "secretEXAMPLEKEY", "SESSIONTOKEN"
# What is not signed and only names the client, or is added by the HTTP library.
DROPPED = {"accept-encoding", "connection", "content-length", "x-tc-requestclient", "x-tc-traceid"}


def capture(name, adapter, request, **_):
    """Prints a request and answers an empty object."""
    headers = {}
    for key, value in request.headers.items():
        value = value.decode() if isinstance(value, bytes) else value
        if key.lower() not in DROPPED:
            headers[key.lower()] = value
    body = request.body.decode() if isinstance(request.body, bytes) else request.body or ""
    print(json.dumps({"name": name, "line": f"{request.method} {request.url}", "headers": headers, "body": body}))
    response = requests.Response()
    response.status_code, response._content, response.request = 200, b'{"Response": {"RequestId": "r"}}', request
    response.headers["content-type"] = "application/json"
    return response


def call(name, function):
    """Runs a call of an SDK, whose request is printed in place of being sent."""
    HTTPAdapter.send = lambda adapter, request, **options: capture(name, adapter, request, **options)
    with freezegun.freeze_time(NOW):
        function()


def tencent():
    from tencentcloud.common import credential
    from tencentcloud.tcr.v20190924 import models, tcr_client

    for token in (None, TOKEN):
        client = tcr_client.TcrClient(credential.Credential(KEY, SECRET, token), "ap-guangzhou")
        request = models.CreateInstanceTokenRequest()
        request.RegistryId, request.TokenType = "tcr-12345678", "temp"
        call("tencent" + ("/token" if token else ""), lambda: client.CreateInstanceToken(request))


def huawei():
    from huaweicloudsdkcore.auth.credentials import BasicCredentials
    from huaweicloudsdkcore.http.http_config import HttpConfig
    from huaweicloudsdkswr.v2 import CreateRepoRequest, CreateRepoRequestBody, CreateSecretRequest, SwrClient

    for token in (None, TOKEN):
        credentials = BasicCredentials(KEY, SECRET, "0123456789abcdef0123456789abcdef")
        if token:
            credentials = credentials.with_security_token(token)
        client = SwrClient.new_builder().with_credentials(credentials)
        client = client.with_http_config(HttpConfig(user_agent="sdk")).with_endpoint("https://swr-api.eu-west-101.myhuaweicloud.com").build()
        name = "huawei" + ("/token" if token else "")
        call(name, lambda: client.create_secret(CreateSecretRequest(projectname="eu-west-101")))
    body = CreateRepoRequestBody(repository="team$train", is_public=False)
    call("huawei/create", lambda: client.create_repo(CreateRepoRequest(namespace="acme", body=body)))


def alibaba():
    import alibabacloud_tea_openapi.utils as utils
    from alibabacloud_cr20181201 import models
    from alibabacloud_cr20181201.client import Client
    from alibabacloud_tea_openapi.utils_models import Config

    utils.Utils.get_user_agent = staticmethod(lambda *_: "sdk")
    utils.Utils.get_nonce = staticmethod(lambda: "00000000000000000000000000000001")
    for token in (None, TOKEN):
        config = Config(access_key_id=KEY, access_key_secret=SECRET, security_token=token, region_id="eu-central-1")
        client, name = Client(config), "alibaba" + ("/token" if token else "")
        request = models.GetAuthorizationTokenRequest(instance_id="cri-0123456789abcdef")
        call(name, lambda: client.get_authorization_token(request))
    request = models.CreateRepositoryRequest(
        instance_id="cri-0123456789abcdef", repo_namespace_name="acme", repo_name="train", repo_type="PRIVATE",
        summary="a b/c~*",
    )
    call("alibaba/create", lambda: client.create_repository(request))


for sdk in (alibaba, huawei, tencent):
    sdk()
