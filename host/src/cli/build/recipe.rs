//! The settings of an image for which crhost writes the Dockerfile.

use clap::Args;

use crate::build::Recipe;
use crate::cli::assignment;
use crate::cli::failure::Failure;
use crate::error::Kind;

/// The options without a Dockerfile.
#[derive(Debug, Args)]
#[command(next_help_heading = "Without a Dockerfile")]
pub(in crate::cli) struct Settings {
    /// Write a Dockerfile for an image that is made of this one; `--print` shows it
    #[arg(long, value_name = "IMAGE")]
    parent_image: Option<String>,

    /// A file of Python requirements in the context, installed by pip
    #[arg(long = "requirement", value_name = "FILE")]
    requirements: Vec<String>,

    /// A package of the distribution, installed by apt-get
    #[arg(long, value_name = "PACKAGE")]
    apt: Vec<String>,

    /// What is copied from the context to the image's working directory, `/app`; `.` is all of it
    #[arg(long = "copy", value_name = "SOURCE[:TARGET]")]
    copies: Vec<String>,

    /// A variable of the image's environment
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = assignment::parse)]
    environment: Vec<(String, String)>,

    /// The user that the image runs as
    #[arg(long, value_name = "USER[:GROUP]")]
    user: Option<String>,
}

impl Settings {
    /// The recipe, if settings are given.
    ///
    /// # Errors
    /// When they stand beside a Dockerfile, or the parent image is missing.
    pub(super) fn recipe(&self, has_dockerfile: bool) -> Result<Option<Recipe>, Failure> {
        let Self { parent_image, requirements, apt, copies, environment, user } = self;
        let is_given = parent_image.is_some()
            || user.is_some()
            || [requirements, apt, copies].iter().any(|values| !values.is_empty())
            || !environment.is_empty();
        if !is_given {
            return Ok(None);
        }
        if has_dockerfile {
            let message = "`--file` names a Dockerfile, and the settings of the image would be another one";
            return Err(Failure::new(
                Kind::Usage,
                message,
                "write the settings into the Dockerfile, or leave `--file` out",
            ));
        }
        let Some(parent) = parent_image else {
            let message = "the settings of the image need the image that it is made of";
            return Err(Failure::new(Kind::Usage, message, "add `--parent-image IMAGE`, such as `python:3.12-slim`"));
        };
        let copy = |text: &String| match text.split_once(':') {
            Some((source, target)) => (source.to_owned(), Some(target.to_owned())),
            None => (text.clone(), None),
        };
        Ok(Some(Recipe {
            parent: parent.clone(),
            apt: apt.clone(),
            requirements: requirements.clone(),
            copies: copies.iter().map(copy).collect(),
            environment: environment.clone(),
            user: user.clone(),
        }))
    }
}
