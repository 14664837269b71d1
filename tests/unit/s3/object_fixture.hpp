// A bench for operations on objects: requests go head -> target -> route -> decode -> access ->
// body -> run over a store in memory, as in the pipeline, with a fixed now, a caller whose rights
// are a list, and events that are only written down.
#pragma once

#include "emulator/s3/document_integrity.hpp"
#include "emulator/s3/events.hpp"
#include "emulator/s3/operation.hpp"
#include "emulator/store/store.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <unistd.h>
#include <vector>

namespace benchtop::s3::test {

inline std::vector<ObjectEvent>& raised_events() {
    static std::vector<ObjectEvent> events;
    return events;
}

// The same bytes in every run, no two alike.
struct FakeRandom final : Random {
    void fill(RandomStream, std::span<char> bytes) override {
        for (char& byte : bytes) {
            state = state * 6364136223846793005 + 1442695040888963407;
            byte = static_cast<char>(state >> 56);
        }
    }

    std::uint64_t state = 1;
};

// Allows everything but what is listed: "s3:GetObject" or "s3:GetObject arn".
struct FakeAuthorizer final : service::Authorizer {
    Result<void> check(const service::AccessRequest& request) override {
        asked.push_back(request.action + " " + request.resource);
        conditions = request.conditions;
        if (denied.contains(request.action) || denied.contains(asked.back())) {
            return AwsError(403, "AccessDenied", "denied " + request.action);
        }
        return {};
    }

    std::set<std::string> denied;
    std::vector<std::string> asked;
    std::vector<std::pair<std::string, std::string>> conditions; // of the last request
};

struct Answer {
    int status = 0;
    std::string code;    // of an error
    std::string message; // of an error
    std::string extra;   // "Name=value;..." of an error
    std::string headers; // "name: value\n"...
    Headers header_map;
    std::string body;
    Response response;
};

using HeaderList = std::vector<std::pair<std::string, std::string>>;

class ObjectBench {
public:
    ObjectBench() {
        raised_events().clear();
        add_bucket("lab");
    }

    void add_bucket(const std::string& name, const std::string& account = "111122223333") {
        write([&](store::WriteTx& tx) {
            store::Bucket bucket;
            bucket.name = name;
            bucket.account = account;
            bucket.region = "us-east-2";
            tx.create_bucket(bucket);
            return true;
        });
    }

    Answer send(
        std::string method,
        std::string target,
        const HeaderList& headers = {},
        std::string_view body = ""
    ) {
        RequestHead head;
        head.method = std::move(method);
        head.target = std::move(target);
        head.received_at = now;
        head.headers.add("Host", "localhost:4566");
        for (const auto& [name, value] : headers) {
            head.headers.add(name, value);
        }
        if (head.method == "PUT" || head.method == "POST") {
            head.content_length = body.size();
        }
        return send(head, body);
    }

    Answer send(const RequestHead& head, std::string_view body) {
        auto result = run(head, body);
        Answer answer;
        if (!result) {
            const AwsError& error = result.error();
            answer.status = error.status();
            answer.code = error.code();
            answer.message = error.message();
            for (const auto& [name, value] : error.extra()) {
                answer.extra += name + "=" + value + ";";
            }
            for (const auto& [name, value] : error.headers()) {
                answer.header_map.add(name, value);
            }
        } else {
            answer.status = result->status;
            answer.header_map = result->headers;
            answer.body = bytes_of(result->body);
            answer.response = *std::move(result);
        }
        for (const auto& [name, value] : answer.header_map.entries()) {
            answer.headers += name + ": " + value + "\n";
        }
        return answer;
    }

    std::optional<store::Object> object(std::string_view key, std::string_view bucket = "lab") {
        std::optional<store::Object> found;
        memory->read([&](const store::ReadTx& tx) {
            found = tx.find_object(tx.find_bucket(bucket)->id, key);
        });
        return found;
    }

    void write(std::move_only_function<bool(store::WriteTx&)> run) {
        memory->write({std::move(run), [](store::CommitStatus status) {
                           REQUIRE(status == store::CommitStatus::Committed);
                       }});
    }

    std::unique_ptr<store::Store> memory = store::open_memory_store();
    FakeAuthorizer authorizer;
    auth::Authenticated authenticated = [] {
        auth::Authenticated who;
        who.type = auth::AuthType::RestHeader;
        who.version = 4;
        who.payload = auth::PayloadHash::Unsigned;
        return who;
    }();
    TimeAxis axis;
    UtcInstant now = from_epoch_ms(1'771'632'477'250); // 2026-02-21T00:07:57.250Z
    policy::Principal caller = [] {
        policy::Principal who;
        who.kind = policy::Principal::Kind::User;
        who.account = "111122223333";
        who.arn = "arn:aws:iam::111122223333:user/student";
        who.username = "student";
        return who;
    }();
    int works = 0;                    // times stored bytes had to be read for a write
    std::function<void()> after_work; // between an operation's prepare() and its write()

private:
    static std::string bytes_of(const BodyContent& body) {
        const auto bytes = whole_content(body);
        REQUIRE(bytes.has_value());
        return *bytes;
    }

    Result<Response> run(const RequestHead& head, std::string_view body) {
        const auto target = resolve_target(head);
        if (!target) {
            return target.error();
        }
        const Query query = Query::parse(head.query());
        const auto operation = route(head, *target, query);
        if (!operation) {
            return operation.error();
        }
        const S3Request request{head, *target, query, authenticated};
        std::optional<BodyPlan> plan;
        if ((*operation)->body == BodyKind::Object) {
            auto planned = plan_body(head, authenticated);
            if (!planned) {
                return planned.error();
            }
            plan = *std::move(planned);
        }
        auto input = (*operation)->decode(request);
        if (!input) {
            return input.error();
        }
        const service::OpContext context{
            now, axis, ids_, caller, "127.0.0.1", "us-east-2", authorizer, random_};
        if (auto ok = authorize(**operation, request, **input); !ok) {
            return ok.error();
        }
        if ((*operation)->body == BodyKind::Document) {
            if (auto ok = check_document_integrity(request, (*operation)->name, body); !ok) {
                return ok.error();
            }
            if (auto ok = (*operation)->decode_document(**input, body); !ok) {
                return ok.error();
            }
        }
        if (plan && (*operation)->admit_body != nullptr) {
            Result<void> admitted;
            memory->read([&](const store::ReadTx& tx) {
                admitted = (*operation)->admit_body(tx, context, request, **input, *plan);
            });
            if (!admitted) {
                return admitted.error();
            }
        }
        std::optional<StagedObject> staged;
        if (plan) {
            ObjectBody object_body(*plan, memory->stage(plan->decoded_length));
            if (auto ok = object_body.feed(as_bytes(body)); !ok) {
                return ok.error();
            }
            auto finished = object_body.finish();
            if (!finished) {
                return finished.error();
            }
            staged = *std::move(finished);
        }
        return execute(**operation, context, request, **input, staged ? &*staged : nullptr);
    }

    Result<void>
    authorize(const Operation& operation, const S3Request& request, const Input& input) {
        std::optional<store::Bucket> bucket;
        memory->read([&](const store::ReadTx& tx) {
            bucket = tx.find_bucket(request.target.bucket);
        });
        if (operation.needs_bucket && !bucket) {
            return AwsError(404, "NoSuchBucket", "The specified bucket does not exist");
        }
        for (const auto& access :
             operation.access_requests(request, input, bucket ? &*bucket : nullptr)) {
            if (auto ok = authorizer.check(access); !ok) {
                return ok.error();
            }
        }
        return {};
    }

    Result<Response> execute(
        const Operation& operation,
        const service::OpContext& context,
        const S3Request& request,
        Input& input,
        StagedObject* staged
    ) {
        if (operation.prepare != nullptr) {
            Work work;
            memory->read([&](const store::ReadTx& tx) {
                work = operation.prepare(tx, context, request, input);
            });
            if (work) {
                ++works;
                work({});
            }
            if (after_work) {
                after_work();
            }
        }
        std::optional<Result<Response>> result;
        if (operation.access == Access::Read) {
            memory->read([&](const store::ReadTx& tx) {
                result.emplace(operation.read(tx, context, request, input));
            });
        } else {
            write([&](store::WriteTx& tx) {
                result.emplace(operation.write(tx, context, request, input, staged));
                return result->has_value();
            });
        }
        return *std::move(result);
    }

    RequestIds ids_{"REQUEST", "HOST"};
    FakeRandom random_;
};

} // namespace benchtop::s3::test
