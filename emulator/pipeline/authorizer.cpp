#include "emulator/pipeline/authorizer.hpp"

#include "emulator/s3/access_facts.hpp"

namespace benchtop::pipeline {
namespace {

const policy::Principal& anonymous() {
    static const policy::Principal nobody{};
    return nobody;
}

std::string_view auth_type(auth::AuthType type) {
    switch (type) {
    case auth::AuthType::QueryString:
        return "REST-QUERY-STRING";
    case auth::AuthType::Form:
        return "POST";
    default:
        return "REST-HEADER";
    }
}

} // namespace

RequestAuthorizer::RequestAuthorizer(
    std::shared_ptr<const Identity> identity,
    const RequestHead& head,
    const auth::Authenticated& authenticated,
    UtcInstant now,
    microseconds signature_age,
    policy::MessageStyle style
)
    : identity_(std::move(identity))
    , head_(head)
    , authenticated_(authenticated)
    , now_(now)
    , signature_age_(signature_age)
    , style_(style) {}

const policy::Principal& RequestAuthorizer::caller() const {
    return identity_ ? identity_->principal : anonymous();
}

policy::ConditionContext RequestAuthorizer::conditions_of(const service::AccessRequest& request
) const {
    const policy::Principal& who = caller();
    policy::ConditionContext context;
    context.add("aws:SourceIp", head_.source_ip);
    context.add("aws:SecureTransport", head_.secure ? "true" : "false");
    context.add("aws:CurrentTime", to_iso8601_s(now_));
    context.add("aws:EpochTime", std::to_string(to_epoch_seconds(now_)));
    if (!authenticated_.region.empty()) {
        context.add("aws:RequestedRegion", authenticated_.region);
    }
    if (const auto agent = head_.headers.find("user-agent")) {
        context.add("aws:UserAgent", *agent);
    }
    if (const auto referer = head_.headers.find("referer")) {
        context.add("aws:Referer", *referer);
    }
    if (who.kind != policy::Principal::Kind::Anonymous) {
        context.add("s3:authType", auth_type(authenticated_.type));
        context.add(
            "s3:signatureversion", authenticated_.version == 2 ? "AWS" : "AWS4-HMAC-SHA256"
        );
        context.add(
            "s3:signatureAge",
            std::to_string(std::chrono::duration_cast<milliseconds>(signature_age_).count())
        );
    }
    for (const auto& [key, value] : request.conditions) {
        context.add(key, value);
    }
    return context;
}

const store::Bucket* RequestAuthorizer::bucket_of(
    const service::AccessRequest& request, std::optional<store::Bucket>& other
) const {
    const std::string_view name = s3::bucket_of_arn(request.resource);
    // A bucket about to be created has no owner yet, whoever owns another of that name.
    if (tx_ == nullptr || name.empty() || request.resource_account.empty()) {
        return nullptr;
    }
    if (bucket_ != nullptr && bucket_->name == name) {
        return bucket_;
    }
    other = tx_->find_bucket(name);
    return other ? &*other : nullptr;
}

std::string RequestAuthorizer::add_facts(
    const service::AccessRequest& request,
    policy::PolicySet& policies,
    policy::ConditionContext& context
) const {
    std::optional<store::Bucket> other;
    const store::Bucket* bucket = bucket_of(request, other);
    if (bucket == nullptr) {
        return request.resource_account;
    }
    const s3::AccessQuestion question{
        request, caller(), *bucket, policies.resource ? policies.resource->policy.get() : nullptr};
    if (policy::looks_at(policies, "s3:ExistingObjectTag/")) {
        s3::add_existing_tags(*tx_, question, context);
    }
    const s3::AccessFacts facts = s3::access_facts(*tx_, question);
    policies.acl = facts.acl;
    policies.resource_only_denies = facts.policy_only_denies;
    if (facts.owner != bucket->account) {
        context.add("aws:ResourceAccount", bucket->account);
        context.add("s3:ResourceAccount", bucket->account);
    }
    return facts.owner;
}

policy::Decision
RequestAuthorizer::decide(const service::AccessRequest& request, std::string* denial) const {
    policy::ConditionContext context = conditions_of(request);
    policy::PolicySet policies;
    if (identity_) {
        policies = identity_->policies;
    }
    if (!request.resource_policy.empty()) {
        auto parsed = policy::parse_policy(
            request.resource_policy,
            request.is_trust ? policy::PolicyKind::Trust : policy::PolicyKind::Resource
        );
        if (parsed) {
            policies.resource = policy::NamedPolicy{
                std::make_shared<const policy::Policy>(*std::move(parsed)), "resource policy", ""};
        }
    }
    const std::string owner = add_facts(request, policies, context);
    const policy::Request question{request.action, request.resource, owner, caller(), context};
    policy::Decision decision = policy::evaluate(question, policies);
    if (denial != nullptr && !decision.allowed()) {
        *denial = policy::denial_message(
            question, decision, request.is_trust ? policy::MessageStyle::TrustPolicy : style_
        );
    }
    return decision;
}

bool RequestAuthorizer::may_learn_it_is_missing(const service::AccessRequest& request) const {
    std::optional<store::Bucket> other;
    const store::Bucket* bucket = bucket_of(request, other);
    return bucket != nullptr &&
           s3::is_about_missing_object(*tx_, {request, caller(), *bucket, nullptr}) &&
           decide(s3::listing_of(request), nullptr).allowed();
}

Result<void> RequestAuthorizer::check(const service::AccessRequest& request) {
    std::string denial;
    const policy::Decision decision = decide(request, &denial);
    if (decision.allowed()) {
        return {};
    }
    if (decision.effect == policy::Effect::ImplicitDeny && may_learn_it_is_missing(request)) {
        return {};
    }
    denied_request_ = request;
    denied_decision_ = decision;
    return AwsError(403, "AccessDenied", std::move(denial)).because(decision.reason);
}

std::optional<DeniedCheck> RequestAuthorizer::denied() const {
    if (!denied_request_) {
        return std::nullopt;
    }
    DeniedCheck denied{caller(), *denied_request_, denied_decision_, {}};
    if (identity_) {
        for (const auto& named : identity_->policies.identity) {
            denied.policies.push_back(named.name);
        }
    }
    return denied;
}

} // namespace benchtop::pipeline
