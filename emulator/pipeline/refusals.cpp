#include "emulator/pipeline/refusals.hpp"

#include "emulator/tutor/missing_permission.hpp"

#include <algorithm>

namespace benchtop::pipeline {
namespace {

void cut(std::string& text) {
    if (text.size() > Refusals::kTextBytesMax) {
        text.resize(Refusals::kTextBytesMax);
        text += "...";
    }
}

std::string name_of(const policy::Principal& who) {
    switch (who.kind) {
    case policy::Principal::Kind::Anonymous:
        return "anonymous";
    case policy::Principal::Kind::Service:
        return who.service;
    default:
        return who.arn;
    }
}

void take(Refusal& refusal, tutor::MissingPermission missing) {
    refusal.statement = std::move(missing.statement);
    refusal.add_to = std::move(missing.add_to);
    refusal.command = std::move(missing.command);
}

} // namespace

void Refusals::add(Refusal refusal) {
    for (std::string* const text :
         {&refusal.request,
          &refusal.message,
          &refusal.principal,
          &refusal.action,
          &refusal.resource,
          &refusal.reason,
          &refusal.statement,
          &refusal.add_to,
          &refusal.command,
          &refusal.cause,
          &refusal.fix}) {
        cut(*text);
    }
    const std::lock_guard lock(mutex_);
    if (kept_.size() == kKept) {
        kept_.pop_front();
    }
    kept_.push_back(std::move(refusal));
}

void Refusals::clear() {
    const std::lock_guard lock(mutex_);
    kept_.clear();
}

std::optional<Refusal> Refusals::find(std::string_view request_id) const {
    const std::lock_guard lock(mutex_);
    // The attempts of an event share an id: the last one counts.
    const auto found = std::find_if(kept_.rbegin(), kept_.rend(), [&](const Refusal& refusal) {
        return refusal.request_id == request_id;
    });
    return found == kept_.rend() ? std::nullopt : std::optional(*found);
}

std::optional<Refusal> Refusals::last() const {
    const std::lock_guard lock(mutex_);
    return kept_.empty() ? std::nullopt : std::optional(kept_.back());
}

std::vector<Refusal> Refusals::newest(std::size_t limit) const {
    const std::lock_guard lock(mutex_);
    std::vector<Refusal> found;
    for (auto one = kept_.rbegin(); one != kept_.rend() && found.size() < limit; ++one) {
        if (one->of_access) {
            found.push_back(*one);
        }
    }
    return found;
}

std::shared_ptr<const SignedRequest> keep_request(SignedRequest request) {
    std::size_t bytes = request.head.target.size();
    for (const auto& [name, value] : request.head.headers.entries()) {
        bytes += name.size() + value.size();
    }
    return bytes <= Refusals::kRequestBytesMax
               ? std::make_shared<const SignedRequest>(std::move(request))
               : nullptr;
}

void explain(Refusal& refusal, const DeniedCheck& denied) {
    const bool explicit_deny = denied.decision.effect == policy::Effect::ExplicitDeny;
    refusal.principal = name_of(denied.principal);
    refusal.action = denied.request.action;
    refusal.resource = denied.request.resource;
    refusal.decision = explicit_deny ? "explicit deny" : "no statement allows it";
    refusal.reason = denied.decision.reason;
    take(
        refusal,
        tutor::missing_permission(
            {denied.principal,
             denied.request.action,
             denied.request.resource,
             denied.decision.source,
             explicit_deny,
             denied.policies}
        )
    );
}

void explain_not_permitted(
    Refusal& refusal,
    std::string_view function_arn,
    std::string_view service,
    std::string_view source_arn,
    std::string_view source_account
) {
    refusal.principal = service;
    refusal.action = "lambda:InvokeFunction";
    refusal.resource = function_arn;
    refusal.decision = "no statement allows it";
    refusal.reason = "the function's resource policy has no statement for " + std::string(service) +
                     " that matches AWS:SourceArn " + std::string(source_arn);
    take(
        refusal, tutor::missing_invoke_permission(function_arn, service, source_arn, source_account)
    );
}

} // namespace benchtop::pipeline
