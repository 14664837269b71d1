#include "emulator/auth/form.hpp"

#include "emulator/auth/lifetime.hpp"
#include "emulator/auth/mechanisms.hpp"
#include "emulator/core/encoding.hpp"

#include <algorithm>

namespace benchtop::auth {
namespace {

// A field under the name AWS gives it in a refusal.
Result<std::string_view> required(const RequestHead& form, std::string_view name) {
    const auto value = form.headers.find(name);
    if (!value) {
        return missing_form_field(name);
    }
    return *value;
}

AwsError about_credential(const AwsError& flaw, std::string_view credential) {
    // The argument's name and the Region element as S3 answered (quoted in
    // CulturalMe/meteor-slingshot#150).
    AwsError error = errors::invalid_argument(flaw.message(), "X-Amz-Credential", credential);
    for (const auto& [name, value] : flaw.extra()) {
        error.with(name, value);
    }
    for (const auto& [name, value] : flaw.headers()) {
        error.header(name, value);
    }
    return error;
}

Result<CredentialScope> read_credential(std::string_view text, const VerifyContext& context) {
    const auto scope = parse_credential(text);
    if (!scope) {
        return about_credential(
            errors::credential_flaw(
                errors::Form::Post,
                "the Credential is mal-formed; expecting "
                "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."
            ),
            text
        );
    }
    if (scope->access_key_id.empty()) {
        return about_credential(
            errors::credential_flaw(
                errors::Form::Post,
                "a non-empty Access Key (AKID) must be provided in the credential."
            ),
            text
        );
    }
    if (auto ok = check_scope(*scope, context, errors::Form::Post); !ok) {
        return about_credential(ok.error(), text);
    }
    return *scope;
}

Result<Authenticated> verify_form_v4(const Call& call) {
    const RequestHead& form = call.head;
    const auto algorithm = required(form, "X-Amz-Algorithm");
    const auto credential = required(form, "X-Amz-Credential");
    const auto date_text = required(form, "X-Amz-Date");
    const auto provided = required(form, "X-Amz-Signature");
    const auto policy = required(form, "policy");
    for (const auto* field : {&algorithm, &credential, &date_text, &provided, &policy}) {
        if (!*field) {
            return field->error();
        }
    }
    if (*algorithm != "AWS4-HMAC-SHA256") {
        return errors::invalid_argument(
            "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"",
            "X-Amz-Algorithm",
            *algorithm
        );
    }
    const auto date = parse_amz_date(*date_text);
    if (!date) {
        return errors::invalid_argument(
            "X-Amz-Date must be formated via ISO8601 Long format", "X-Amz-Date", *date_text
        );
    }
    const auto scope = read_credential(*credential, call.context);
    if (!scope) {
        return scope.error();
    }
    auto key = find_key(call, scope->access_key_id, form.headers.find("x-amz-security-token"));
    if (!key) {
        return key.error();
    }
    const SigningKey signing_key =
        call.cache.get(**key, scope->date, scope->region, scope->service);
    if (!sign_v4(signing_key, *policy).matches(*provided)) {
        return errors::signature_does_not_match({scope->access_key_id, *policy, *provided, {}});
    }
    Authenticated who;
    who.type = AuthType::Form;
    who.key = std::move(*key);
    who.access_key_id = scope->access_key_id;
    who.region = scope->region;
    who.version = 4;
    who.signed_at = *date;
    return who;
}

Result<Authenticated> verify_form_v2(const Call& call) {
    const RequestHead& form = call.head;
    const std::string_view region = call.context.expected_region.value_or("us-east-1");
    if (!accepts_sigv2(region)) {
        return errors::mechanism_not_supported(region);
    }
    const auto access_key_id = required(form, "AWSAccessKeyId");
    const auto provided = required(form, "Signature");
    const auto policy = required(form, "policy");
    for (const auto* field : {&access_key_id, &provided, &policy}) {
        if (!*field) {
            return field->error();
        }
    }
    auto key = find_key(call, *access_key_id, form.headers.find("x-amz-security-token"));
    if (!key) {
        return key.error();
    }
    if (!sign_v2((*key)->secret, *policy).matches(*provided)) {
        return errors::signature_does_not_match({*access_key_id, *policy, *provided, {}});
    }
    Authenticated who;
    who.type = AuthType::Form;
    who.key = std::move(*key);
    who.access_key_id = *access_key_id;
    who.region = region;
    who.version = 2;
    return who;
}

} // namespace

AwsError missing_form_field(std::string_view name) {
    return errors::invalid_argument(
        "Bucket POST must contain a field named '" + std::string(name) +
            "'.  If it is specified, please check the order of the fields.",
        name,
        ""
    );
}

Result<Authenticated> verify_form(
    const RequestHead& form, const VerifyContext& context, KeyLookup& keys, SigningKeyCache& cache
) {
    const Call call{form, context, keys, cache};
    const auto has_any = [&](std::initializer_list<std::string_view> names) {
        return std::ranges::any_of(names, [&](std::string_view name) {
            return form.headers.has(name);
        });
    };
    if (has_any({"x-amz-signature", "x-amz-algorithm", "x-amz-credential", "x-amz-date"})) {
        return verify_form_v4(call);
    }
    if (has_any({"signature", "awsaccesskeyid"})) {
        return verify_form_v2(call);
    }
    return Authenticated{};
}

bool has_ended(
    UtcInstant expires, std::optional<UtcInstant> made_at, const TimeAxis& axis, UtcInstant now
) {
    if (!made_at || *made_at > expires || *made_at > now) {
        made_at = expires - customary_lifetime(expires, now);
    }
    return axis.age(*made_at, now) > expires - *made_at;
}

} // namespace benchtop::auth
