"""ORAS's own client for Python: pulls the files of an artifact, or pushes a file as one.

Usage: oras_client.py pull REFERENCE DIRECTORY
       oras_client.py push REFERENCE FILE:TYPE

The registry speaks plain HTTP. The output of `pull` is the paths of the files, one a line.
"""

import sys

from oras.provider import Registry

action, reference, what = sys.argv[1:]
registry = Registry(insecure=True)
if action == "pull":
    print("\n".join(registry.pull(reference, outdir=what)))
else:
    registry.push(reference, files=[what], disable_path_validation=True, quiet=True)
