#include "emulator/pipeline/recorded_conversation.hpp"

#include "emulator/delivery/dispatcher.hpp"
#include "emulator/pipeline/controlled_clock.hpp"
#include "emulator/pipeline/controls.hpp"
#include "emulator/pipeline/recorder.hpp"

#include <atomic>
#include <utility>

namespace benchtop::pipeline {
namespace {

using delivery::Dispatcher;

// For functions that call each other without end.
constexpr seconds kPatience{30};

using Make = std::move_only_function<std::unique_ptr<Conversation>()>;

class RecordedConversation final : public Conversation {
public:
    RecordedConversation(Make make, Services& services, RequestHead& head)
        : make_(std::move(make))
        , services_(services)
        , head_(head) {}

    ~RecordedConversation() override { leave(); }

    // Its turn; then what is behind the last change in the writer's queue, for the dispatcher hears
    // of it after the answer; then the deliveries.
    Action begin() override {
        phase_ = Phase::Turn;
        Wait wait;
        wait.begin = [recorder = services_.recorder](std::move_only_function<void()> over) {
            recorder->enter(std::move(over));
        };
        return wait;
    }

    Action waited() override {
        if (phase_ == Phase::Turn) {
            inside_ = true;
            phase_ = Phase::Writer;
            Commit behind;
            behind.job.run = [](store::WriteTx&) { return true; };
            return behind;
        }
        if (phase_ == Phase::Before) {
            return to_its_moment();
        }
        if (phase_ == Phase::Due) {
            phase_ = Phase::Inside;
            inner_ = make_();
            return keep(inner_->begin());
        }
        return keep(inner_->waited());
    }

    Action committed(store::CommitStatus status) override {
        if (phase_ != Phase::Writer) {
            return keep(inner_->committed(status));
        }
        phase_ = Phase::Before;
        return quiet();
    }

    std::optional<Respond> body(ByteView bytes) override {
        if (step_.body.size() + bytes.size() <= Recorder::kBytesMax) {
            step_.body.append(as_text(bytes));
        }
        auto early = inner_->body(bytes);
        if (early) {
            keep_answer(early->response);
        }
        return early;
    }

    Action body_end() override { return keep(inner_->body_end()); }

    Respond too_large() override { return keep(inner_->too_large()); }

    Respond body_timed_out() override { return keep(inner_->body_timed_out()); }

    Action computed() override { return keep(inner_->computed()); }

    Action invoked(std::optional<InvokeOutcome> outcome) override {
        return keep(inner_->invoked(std::move(outcome)));
    }

    Respond store_failed() override {
        if (!inner_) {
            inner_ = make_();
        }
        return keep(inner_->store_failed());
    }

    Facts facts() const override { return inner_ ? inner_->facts() : Facts{}; }

private:
    enum class Phase {
        Turn,
        Writer, // whatever was changed before is known to the dispatcher
        Before, // the deliveries of the moment before are done
        Due,    // and those that the new moment makes due
        Inside,
    };

    Wait to_its_moment() {
        phase_ = Phase::Due;
        auto& clock = services_.controls->clock();
        if (services_.recorder->mode() == RecorderMode::Recording) {
            step_.at = clock.pin_to_now();
        } else if (services_.recorder->mode() == RecorderMode::Replaying) {
            clock.pin(services_.recorder->next_at());
        }
        head_.received_at = services_.clock.now();
        services_.dispatcher->run_due();
        return quiet();
    }

    Wait quiet() {
        Wait wait;
        wait.begin = [&services = services_](std::move_only_function<void()> over) {
            struct Race {
                std::atomic<bool> decided = false;
                std::move_only_function<void()> over;

                void end() {
                    if (!decided.exchange(true)) {
                        over();
                    }
                }
            };

            const auto race = std::make_shared<Race>();
            race->over = std::move(over);
            auto& deadlines = services.controls->deadlines();
            const auto timer = deadlines.after(kPatience, [race] { race->end(); });
            services.dispatcher->when(Dispatcher::Quiet::NothingDue, [race, timer, &deadlines] {
                deadlines.cancel(timer);
                race->end();
            });
        };
        return wait;
    }

    Action keep(Action action) {
        if (const auto* answer = std::get_if<Respond>(&action)) {
            keep_answer(answer->response);
        } else if (std::holds_alternative<Drop>(action)) {
            add();
        }
        return action;
    }

    Respond keep(Respond answer) {
        keep_answer(answer.response);
        return answer;
    }

    void keep_answer(const Response& response) {
        step_.status = response.status;
        step_.headers = response.headers.entries();
        step_.answer_size = response.body_size();
        if (const auto* text = std::get_if<std::string>(&response.body)) {
            step_.answer = *text;
        }
        add();
    }

    void add() {
        step_.head = head_;
        services_.recorder->add(std::move(step_));
        step_ = {};
        leave();
    }

    void leave() {
        if (std::exchange(inside_, false)) {
            services_.recorder->leave();
        }
    }

    Make make_;
    std::unique_ptr<Conversation> inner_; // once it is its turn
    Services& services_;
    RequestHead& head_;
    Phase phase_ = Phase::Turn;
    bool inside_ = false;
    RecordedStep step_;
};

} // namespace

std::unique_ptr<Conversation>
make_recorded_conversation(Make make, Services& services, RequestHead& head) {
    return std::make_unique<RecordedConversation>(std::move(make), services, head);
}

} // namespace benchtop::pipeline
