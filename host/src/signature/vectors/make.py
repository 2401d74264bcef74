"""Makes the files beside it, with code that is not crhost's: `pip install pynacl cryptography`.

PyNaCl (libsodium) seals the private keys, Python's hashlib (OpenSSL) derives the keys that they are sealed with, and
`cryptography` (OpenSSL) makes the keys and the signatures. The keys are for these tests alone, and open nothing.
"""

import base64
import hashlib
import json
import os
import pathlib

import nacl.secret
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

HERE = pathlib.Path(__file__).parent
PASSWORD = b"vectors of crhost"
DIGEST = "sha256:" + hashlib.sha256(b"the signed manifest").hexdigest()

PKCS8 = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def write(name, data):
    (HERE / name).write_bytes(data if isinstance(data, bytes) else data.encode())


def b64(data):
    return base64.b64encode(data).decode()


def pem(label, data):
    text = b64(data)
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def sealed(key, label, n):
    salt, nonce = os.urandom(32), os.urandom(24)
    derived = hashlib.scrypt(PASSWORD, salt=salt, n=n, r=8, p=1, dklen=32, maxmem=256 << 20)
    box = nacl.secret.SecretBox(derived).encrypt(key.private_bytes(*PKCS8), nonce)
    document = {
        "kdf": {"name": "scrypt", "params": {"N": n, "r": 8, "p": 1}, "salt": b64(salt)},
        "cipher": {"name": "nacl/secretbox", "nonce": b64(nonce)},
        "ciphertext": b64(box.ciphertext),
    }
    return pem(label, json.dumps(document).encode())


def public(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def plain(key, form=serialization.PrivateFormat.PKCS8):
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


payload = json.dumps(
    {
        "critical": {
            "identity": {"docker-reference": "registry.example/acme/train"},
            "image": {"docker-manifest-digest": DIGEST},
            "type": "cosign container image signature",
        },
        "optional": {"env": "prod"},
    },
    separators=(",", ":"),
).encode()
write("payload.json", payload)

p256, p384, ed = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1()), None
ed = ed25519.Ed25519PrivateKey.generate()
rsa_key = rsa.generate_private_key(65537, 2048)
write("p256.key", sealed(p256, "ENCRYPTED SIGSTORE PRIVATE KEY", 65536))
write("p256-older.key", sealed(p256, "ENCRYPTED COSIGN PRIVATE KEY", 32768))
write("p256-costly.key", sealed(p256, "ENCRYPTED SIGSTORE PRIVATE KEY", 1 << 17))
write("p256-pkcs8.key", plain(p256))
write("p256-ec.key", plain(p256, serialization.PrivateFormat.TraditionalOpenSSL))
write("p384-pkcs8.key", plain(p384))
write("p384-ec.key", plain(p384, serialization.PrivateFormat.TraditionalOpenSSL))
write("ed25519.key", sealed(ed, "ENCRYPTED SIGSTORE PRIVATE KEY", 65536))
write("ed25519-pkcs8.key", plain(ed))
write("p521-pkcs8.key", plain(ec.generate_private_key(ec.SECP521R1())))
for name, key in [("p256", p256), ("p384", p384), ("ed25519", ed), ("rsa", rsa_key)]:
    write(f"{name}.pub", public(key))

write("p256.sig", b64(p256.sign(payload, ec.ECDSA(hashes.SHA256()))))
write("p384.sig", b64(p384.sign(payload, ec.ECDSA(hashes.SHA384()))))
write("p384-sha256.sig", b64(p384.sign(payload, ec.ECDSA(hashes.SHA256()))))
write("ed25519.sig", b64(ed.sign(payload)))
write("rsa.sig", b64(rsa_key.sign(payload, padding.PKCS1v15(), hashes.SHA256())))


def bundle(predicate):
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"digest": {"sha256": DIGEST.removeprefix("sha256:")}, "annotations": {"env": "prod"}}],
        "predicateType": predicate,
        "predicate": {},
    }
    body, kind = json.dumps(statement).encode(), "application/vnd.in-toto+json"
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(body), body)
    envelope = {
        "payload": b64(body),
        "payloadType": kind,
        "signatures": [{"sig": b64(p256.sign(message, ec.ECDSA(hashes.SHA256())))}],
    }
    info = p256.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return json.dumps(
        {
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": {"publicKey": {"hint": b64(hashlib.sha256(info).digest())}, "tlogEntries": []},
            "dsseEnvelope": envelope,
        }
    )


write("signature.bundle.json", bundle("https://sigstore.dev/cosign/sign/v1"))
write("attestation.bundle.json", bundle("https://spdx.dev/Document"))
