//! AWS: Elastic Container Registry, private and public, against moto.
