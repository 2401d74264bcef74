//! Azure Container Registry, against named fakes.
