"""zuul-registry on loopback: a real registry in Python, with tokens of its own token server.

Usage: zuul.py DIRECTORY USER PASSWORD READER READERS_PASSWORD

USER may push, READER may only pull. It keeps its content in DIRECTORY. The first line of the output says where it listens.
It serves until it is killed.
"""

import json
import os
import sys

import cherrypy
from zuul_registry.main import RegistryServer


def main(directory, user, password, reader, readers_password):
    config = os.path.join(directory, "config.yaml")
    with open(config, "w") as file:
        # YAML is a superset of JSON. The port is free, and known only when the server listens.
        json.dump({"registry": {
            "address": "127.0.0.1", "port": 0, "public-url": "", "secret": "of no use",
            "storage": {"driver": "filesystem", "root": os.path.join(directory, "data")},
            "users": [
                {"name": user, "pass": password, "access": "write"},
                {"name": reader, "pass": readers_password, "access": "read"},
            ],
        }}, file)
    server = RegistryServer(config)
    server.start()
    cherrypy.tools.check_auth.public_url = f"http://localhost:{server.port}"
    print(json.dumps({"port": server.port}), flush=True)
    cherrypy.engine.block()


main(*sys.argv[1:])
