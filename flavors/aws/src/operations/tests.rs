use crhost_flavor::testing;

use crate::Aws;

const ECR: &str = "https://api.ecr.*.amazonaws.com|https://api.ecr-fips.*.amazonaws.com\
                   |https://ecr.*.api.aws|https://ecr-fips.*.api.aws\
                   |https://api.ecr.*.amazonaws.com.cn|https://api.ecr-fips.*.amazonaws.com.cn\
                   |https://ecr.*.api.amazonwebservices.com.cn|https://ecr-fips.*.api.amazonwebservices.com.cn\
                   |https://api.ecr.*.amazonaws.eu|https://api.ecr-fips.*.amazonaws.eu\
                   |https://api.ecr.*.c2s.ic.gov|https://api.ecr-fips.*.c2s.ic.gov\
                   |https://api.ecr.*.sc2s.sgov.gov|https://api.ecr-fips.*.sc2s.sgov.gov\
                   |https://api.ecr.*.cloud.adc-e.uk|https://api.ecr-fips.*.cloud.adc-e.uk\
                   |https://api.ecr.*.csp.hci.ic.gov|https://api.ecr-fips.*.csp.hci.ic.gov|<ecr-endpoint> /";

const ECR_CALLS: &str = "x-amz-target=AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken\
                         |AmazonEC2ContainerRegistry_V20150921.DescribeRepositories\
                         |AmazonEC2ContainerRegistry_V20150921.DescribeRepositoryCreationTemplates\
                         |AmazonEC2ContainerRegistry_V20150921.CreateRepository\
                         |AmazonEC2ContainerRegistry_V20150921.PutLifecyclePolicy\
                         |AmazonEC2ContainerRegistry_V20150921.SetRepositoryPolicy&x-amz-date";

const PUBLIC: &str = "https://api.ecr-public.us-east-1.amazonaws.com|<ecr-endpoint> /";

const PUBLIC_CALLS: &str = "x-amz-target=SpencerFrontendService.GetAuthorizationToken\
                            |SpencerFrontendService.DescribeRepositories|SpencerFrontendService.CreateRepository\
                            |SpencerFrontendService.DescribeRegistries&x-amz-date";

const STS: &str = "https://sts.*.amazonaws.com|https://sts-fips.*.amazonaws.com|https://sts.*.amazonaws.com.cn\
                   |https://sts-fips.*.amazonaws.com.cn|https://sts.*.amazonaws.eu|https://sts-fips.*.amazonaws.eu\
                   |https://sts.*.c2s.ic.gov|https://sts-fips.*.c2s.ic.gov|https://sts.*.sc2s.sgov.gov\
                   |https://sts-fips.*.sc2s.sgov.gov|https://sts.*.cloud.adc-e.uk|https://sts-fips.*.cloud.adc-e.uk\
                   |https://sts.*.csp.hci.ic.gov|https://sts-fips.*.csp.hci.ic.gov|<sts-endpoint> /";

const KMS: &str = "https://kms.*.amazonaws.com|https://kms.*.amazonaws.com.cn|https://kms.*.amazonaws.eu\
                   |https://kms.*.c2s.ic.gov|https://kms.*.sc2s.sgov.gov|https://kms.*.cloud.adc-e.uk\
                   |https://kms.*.csp.hci.ic.gov|<kms-endpoint> /";

const KMS_CALLS: &str = "x-amz-target=TrentService.GenerateDataKey|TrentService.Decrypt&x-amz-date";

const ROLE: &str = "RoleArn&RoleSessionName&ExternalId&DurationSeconds";

const KEY: &str = "; signature of aws-secret-access-key in `authorization: AWS4-HMAC-SHA256 …`";

const TOKEN: &str = "; aws-session-token in `x-amz-security-token: …`";

const MACHINE: &str = "; signature of aws-secret-access-key in `authorization: AWS4-HMAC-SHA256 …`\
                       ; signature of credentials-file/aws_secret_access_key in `authorization: AWS4-HMAC-SHA256 …`\
                       ; signature of config-file/aws_secret_access_key in `authorization: AWS4-HMAC-SHA256 …`\
                       ; signature of process-credentials/SecretAccessKey in `authorization: AWS4-HMAC-SHA256 …`\
                       ; aws-session-token in `x-amz-security-token: …`\
                       ; credentials-file/aws_session_token in `x-amz-security-token: …`\
                       ; config-file/aws_session_token in `x-amz-security-token: …`\
                       ; process-credentials/SessionToken in `x-amz-security-token: …`";

#[test]
fn these_are_all_requests_and_the_places_of_all_secrets() {
    let assume = format!("assume-role: POST {STS} header x-amz-date body Action=AssumeRole&Version=2011-06-15&{ROLE}");
    let of_registries = |who: &str, secrets: &str| {
        [
            format!("{who} ecr: POST {ECR} header {ECR_CALLS}{secrets}"),
            format!("{who} ecr-public: POST {PUBLIC} header {PUBLIC_CALLS}{secrets}"),
            format!(
                "{who} get-caller-identity: POST {STS} header x-amz-date body Action=GetCallerIdentity\
                 &Version=2011-06-15{secrets}"
            ),
            format!("{who} kms: POST {KMS} header {KMS_CALLS}{secrets}"),
        ]
    };
    let web_identity = |who: &str| {
        format!(
            "{who} assume-role-with-web-identity: POST {STS} body Action=AssumeRoleWithWebIdentity&Version=2011-06-15\
             &{ROLE}; web-identity-token in the form's `WebIdentityToken`"
        )
    };
    let mut expected = Vec::new();
    expected.extend(of_registries("aws/secret-key", KEY));
    expected.extend(of_registries("aws/sts-token", &format!("{KEY}{TOKEN}")));
    expected.push(format!("aws/iam-role {assume}{KEY}"));
    expected.push(format!(
        "aws/session-token get-session-token: POST {STS} header x-amz-date body Action=GetSessionToken\
         &Version=2011-06-15&DurationSeconds{KEY}"
    ));
    expected.push(web_identity("aws/web-identity"));
    expected.extend(of_registries("aws/implicit", MACHINE));
    expected.push(format!("aws/implicit {assume}{MACHINE}"));
    let of_profile = "; profile-token in the form's `WebIdentityToken`";
    expected.push(format!("{}{of_profile}", web_identity("aws/implicit")));
    expected.push(
        "aws/implicit sso-role-keys: GET https://portal.sso.*.amazonaws.com|https://portal.sso.*.amazonaws.com.cn\
         |https://portal.sso.*.amazonaws.eu|<sso-endpoint> /federation/credentials ?role_name&account_id\
         ; sso-cache/accessToken in `x-amz-sso_bearer_token: …`"
            .to_owned(),
    );
    expected.push(
        "aws/implicit container-keys: GET http://169.254.170.2|<container-endpoint> /v2/credentials/*\
         ; container-authorization-token in `authorization: …`"
            .to_owned(),
    );
    expected.push(
        "aws/implicit container-keys-by-url: GET http://169.254.170.23|<container-credentials-full-uri> /v1/credentials|/\
         ; container-authorization-token in `authorization: …`"
            .to_owned(),
    );
    expected.extend(of_registries("-", ""));
    expected.push(format!("- {assume}"));
    expected.push(
        "- instance-token: PUT http://169.254.169.254|<imds-endpoint> /latest/api/token \
         header x-aws-ec2-metadata-token-ttl-seconds"
            .to_owned(),
    );
    expected.push(
        "- instance-keys: GET http://169.254.169.254|<imds-endpoint> /latest/meta-data/iam/security-credentials/\
         |/latest/meta-data/iam/security-credentials/* header x-aws-ec2-metadata-token"
            .to_owned(),
    );
    assert_eq!(testing::operations::<Aws>(), expected);
}

#[test]
fn a_clean_up_lists_and_deletes_images_with_each_method_s_own_keys() {
    let mut expected = Vec::new();
    let token = format!("{KEY}{TOKEN}");
    for (who, secrets) in [("aws/secret-key", KEY), ("aws/sts-token", &token), ("aws/implicit", MACHINE), ("-", "")] {
        let calls = [
            ("list-images", ECR, "AmazonEC2ContainerRegistry_V20150921.DescribeImages"),
            ("list-images-public", PUBLIC, "SpencerFrontendService.DescribeImages"),
            ("delete-images", ECR, "AmazonEC2ContainerRegistry_V20150921.BatchDeleteImage"),
            ("delete-images-public", PUBLIC, "SpencerFrontendService.BatchDeleteImage"),
        ];
        let line = |(name, place, call): (&str, &str, &str)| {
            format!("{who} {name}: POST {place} header x-amz-target={call}&x-amz-date{secrets}")
        };
        expected.extend(calls.map(line));
    }
    assert_eq!(testing::cleanup_operations::<Aws>(), expected);
}
