#include "emulator/pipeline/faulty_conversation.hpp"

#include "emulator/apigateway/errors.hpp"
#include "emulator/faults/answers.hpp"
#include "emulator/faults/rules.hpp"
#include "emulator/pipeline/controls.hpp"
#include "emulator/s3/target.hpp"

namespace benchtop::pipeline {
namespace {

using faults::Fault;
using faults::FaultKind;

// SESSION of "arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION": a function's session has its name.
std::string function_of(std::string_view caller) {
    if (caller.find(":assumed-role/") == std::string_view::npos) {
        return {};
    }
    return std::string(caller.substr(caller.rfind('/') + 1));
}

class FaultyConversation final : public Conversation {
public:
    FaultyConversation(
        std::unique_ptr<Conversation> inner, Services& services, const RequestHead& head
    )
        : inner_(std::move(inner))
        , services_(services)
        , head_(head) {}

    Action begin() override { return pass(inner_->begin()); }

    std::optional<Respond> body(ByteView bytes) override { return inner_->body(bytes); }

    Action body_end() override { return pass(inner_->body_end()); }

    Respond too_large() override { return inner_->too_large(); }

    Respond body_timed_out() override { return inner_->body_timed_out(); }

    Action committed(store::CommitStatus status) override {
        return pass(inner_->committed(status));
    }

    Action computed() override { return pass(inner_->computed()); }

    Action waited() override { return held_ ? release() : pass(inner_->waited()); }

    Action invoked(std::optional<InvokeOutcome> outcome) override {
        return pass(inner_->invoked(std::move(outcome)));
    }

    Respond store_failed() override { return inner_->store_failed(); }

    Facts facts() const override {
        Facts facts = inner_->facts();
        facts.fault = happened_;
        return facts;
    }

private:
    Action pass(Action action) {
        if (!decided_ && is_known(action)) {
            decided_ = true;
            const microseconds delay = decide();
            if (delay.count() > 0) {
                return hold(std::move(action), delay);
            }
        }
        return outcome(std::move(action));
    }

    // Whoever must read the body first to know what is asked (all but S3) is waited for. Nothing is
    // changed before: changes are Commits.
    bool is_known(const Action& action) const {
        return !std::holds_alternative<ReadBody>(action) || inner_->facts().service == "s3";
    }

    microseconds decide() {
        const Facts facts = inner_->facts();
        if (facts.service.empty()) {
            return {};
        }
        faults::CallPoint point;
        point.service = facts.service;
        point.operation = facts.operation.empty() ? head_.method + ' ' + std::string(head_.path())
                                                  : std::string(facts.operation);
        point.function = function_of(facts.caller);
        if (point.service == "s3") {
            if (const auto target = s3::resolve_target(head_)) {
                point.bucket = target->bucket;
                point.key = target->key;
            }
        }
        microseconds delay{};
        for (Fault& fault : services_.faults->at_call(point)) {
            happened_ += (happened_.empty() ? "" : ", ") + std::string(faults::name_of(fault.kind));
            if (fault.kind == FaultKind::Delay) {
                delay += fault.delay;
            } else {
                delay += fault.kind == FaultKind::Timeout ? fault.delay : microseconds::zero();
                fault_ = std::move(fault);
            }
        }
        return delay;
    }

    Action hold(Action action, microseconds delay) {
        held_ = std::make_unique<Action>(std::move(action));
        Wait wait;
        wait.begin = [&deadlines = services_.controls->deadlines(),
                      delay](std::move_only_function<void()> over) {
            deadlines.after(delay, std::move(over));
        };
        return wait;
    }

    Action release() {
        Action action = std::move(*held_);
        held_.reset();
        return outcome(std::move(action));
    }

    Action outcome(Action action) {
        if (!fault_) {
            return action;
        }
        switch (fault_->kind) {
        case FaultKind::LostAnswer:
            return std::holds_alternative<Respond>(action) ? Action(Drop{}) : std::move(action);
        case FaultKind::Error:
        case FaultKind::Throttle:
        case FaultKind::ExpiredCredentials:
            return refusal();
        default:
            return Drop{};
        }
    }

    Respond refusal() {
        const std::string service(inner_->facts().service);
        const bool is_head = head_.method == "HEAD";
        if (service == "execute-api") {
            const int status = fault_->kind == FaultKind::Error      ? 500
                               : fault_->kind == FaultKind::Throttle ? 429
                                                                     : 403;
            const auto id = make_apigw_request_id(services_.random);
            return {apigateway::error_response(status, {services_.clock.now(), id, is_head})};
        }
        return {
            faults::answer_of(*fault_, service, services_.random, services_.clock.now(), is_head)};
    }

    std::unique_ptr<Conversation> inner_;
    Services& services_;
    const RequestHead& head_;
    bool decided_ = false;
    std::optional<Fault> fault_;
    std::string happened_;
    std::unique_ptr<Action> held_;
};

} // namespace

std::unique_ptr<Conversation> make_faulty_conversation(
    std::unique_ptr<Conversation> inner, Services& services, const RequestHead& head
) {
    return std::make_unique<FaultyConversation>(std::move(inner), services, head);
}

} // namespace benchtop::pipeline
