// The service::Authorizer of one request: the caller's policies as of its admission, the resource's
// own policy as given, and the global condition keys.
#pragma once

#include "emulator/auth/verify.hpp"
#include "emulator/pipeline/caches.hpp"
#include "emulator/pipeline/refusals.hpp"
#include "emulator/service/context.hpp"

#include <string>

namespace benchtop::pipeline {

class RequestAuthorizer final : public service::Authorizer {
public:
    // `identity` is null for an anonymous caller. The head outlives the authorizer.
    RequestAuthorizer(
        std::shared_ptr<const Identity> identity,
        const RequestHead& head,
        const auth::Authenticated& authenticated,
        UtcInstant now,
        microseconds signature_age,
        policy::MessageStyle style
    );

    Result<void> check(const service::AccessRequest& request) override;

    // Where checks look for what decides beside policies (s3/access_facts.hpp): the transaction of
    // the step under way, and the bucket the request was admitted to (null for none).
    void look_in(const store::ReadTx& tx, const store::Bucket* bucket) {
        tx_ = &tx;
        bucket_ = bucket;
    }

    const policy::Principal& caller() const;

    // The last check a policy refused; nullopt: none was.
    std::optional<DeniedCheck> denied() const;

private:
    policy::ConditionContext conditions_of(const service::AccessRequest& request) const;
    // Sets `denial` to AWS's message when it is asked for and the request is denied.
    policy::Decision decide(const service::AccessRequest& request, std::string* denial) const;
    // The bucket of the request's resource, in `other` when it is not the admitted one; null for
    // none.
    const store::Bucket*
    bucket_of(const service::AccessRequest& request, std::optional<store::Bucket>& other) const;
    // The object is not there, and the caller may know it.
    bool may_learn_it_is_missing(const service::AccessRequest& request) const;
    // Adds to both what the store knows of the resource; gives the account that decides.
    std::string add_facts(
        const service::AccessRequest& request,
        policy::PolicySet& policies,
        policy::ConditionContext& context
    ) const;

    const store::ReadTx* tx_ = nullptr;
    const store::Bucket* bucket_ = nullptr;
    std::shared_ptr<const Identity> identity_;
    const RequestHead& head_;
    const auth::Authenticated& authenticated_;
    UtcInstant now_;
    microseconds signature_age_;
    policy::MessageStyle style_;
    std::optional<service::AccessRequest> denied_request_;
    policy::Decision denied_decision_;
};

} // namespace benchtop::pipeline
