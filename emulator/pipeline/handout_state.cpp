#include "emulator/pipeline/handout_state.hpp"

#include "emulator/archive/zip.hpp"
#include "emulator/functions/invocation_target.hpp"
#include "emulator/pipeline/role_access.hpp"
#include "emulator/policy/trust.hpp"
#include "emulator/s3/notification_config.hpp"

#include <algorithm>

namespace benchtop::pipeline {
namespace {

using store::ReadTx;
using tutor::LabFacts;

constexpr std::size_t kModuleBytesMax = 256 * 1024;
constexpr std::size_t kLogLinesLooked = 400;
constexpr std::size_t kErrorBytesMax = 300;
constexpr std::size_t kFilesMax = 200;
constexpr std::size_t kDeliveriesLooked = 20;

std::optional<std::string_view> variable(const store::Function& function, std::string_view wanted) {
    for (const auto& [name, value] : function.environment) {
        if (name == wanted) {
            return value;
        }
    }
    return std::nullopt;
}

// --- which function, API and bucket are meant

class Wiring {
public:
    Wiring(const ReadTx& tx, std::string_view account, std::string_view bucket)
        : functions_(tx.list_functions(account))
        , buckets_(tx.list_buckets(account)) {
        for (const auto& row : tx.list_apis()) {
            if (row.account == account) {
                if (auto api = apigateway::parse_api(row)) {
                    apis_.push_back(*std::move(api));
                }
            }
        }
        web_ = find_web();
        worker_ = find_worker();
        api_ = find_api();
        find_bucket(tx, bucket);
    }

    const store::Function* web() const { return web_; }

    const store::Function* worker() const { return worker_; }

    const apigateway::Api* api() const { return api_; }

    const store::Bucket* bucket() const { return bucket_; } // null: there is none

    const std::string& bucket_name() const { return bucket_name_; }

    const std::vector<store::Bucket>& buckets() const { return buckets_; }

private:
    const store::Function* by_name(std::string_view name) const {
        return first([&](const store::Function& f) { return f.name == name; });
    }

    const store::Function* by_arn(std::string_view arn) const {
        return first([&](const store::Function& f) { return f.arn() == arn; });
    }

    const store::Function* by_variable(std::string_view name) const {
        return first([&](const store::Function& f) { return variable(f, name).has_value(); });
    }

    template <class Matches>
    const store::Function* first(const Matches& matches) const {
        const auto found = std::find_if(functions_.begin(), functions_.end(), matches);
        return found == functions_.end() ? nullptr : &*found;
    }

    const store::Function* find_web() const {
        if (const auto* const named = by_name(tutor::kHandoutWebFunction)) {
            return named;
        }
        for (const auto& api : apis_) {
            for (const auto& route : api.model.current.routes) {
                if (!route.key.ends_with(" /presign")) {
                    continue;
                }
                for (const auto& integration : api.model.current.integrations) {
                    if (route.target == "integrations/" + integration.id) {
                        return by_arn(tutor::function_of_uri(integration.uri));
                    }
                }
            }
        }
        return by_variable("BUCKET_NAME");
    }

    const store::Function* find_worker() const {
        if (const auto* const named = by_name(tutor::kHandoutWorkerFunction)) {
            return named;
        }
        if (const auto* const set = by_variable("PROCESSED_PREFIX")) {
            return set;
        }
        for (const auto& bucket : buckets_) {
            for (const auto& rule : s3::stored_notification_config(bucket.notification)->rules) {
                if (const auto* const called = by_arn(tutor::function_of_uri(rule.arn))) {
                    return called;
                }
            }
        }
        return nullptr;
    }

    const apigateway::Api* find_api() const {
        const auto score = [&](const apigateway::Api& api) {
            int points = api.row.name == tutor::kHandoutApi ? 2 : 0;
            for (const auto& integration : api.model.current.integrations) {
                points += web_ != nullptr && tutor::function_of_uri(integration.uri) == web_->arn()
                              ? 3
                              : 0;
            }
            return points;
        };
        const auto best =
            std::max_element(apis_.begin(), apis_.end(), [&](const auto& a, const auto& b) {
                return score(a) < score(b);
            });
        return best == apis_.end() ? nullptr : &*best;
    }

    // What speaks for a bucket; the handout's parts may disagree when one of them is wrong.
    int bucket_score(const ReadTx& tx, const store::Bucket& bucket) const {
        int points = bucket.name.starts_with(tutor::kHandoutBucketPrefix) ? 2 : 0;
        if (web_ != nullptr && variable(*web_, "BUCKET_NAME") == std::string_view(bucket.name)) {
            points += 3;
        }
        for (const auto& rule : s3::stored_notification_config(bucket.notification)->rules) {
            points +=
                worker_ != nullptr && tutor::function_of_uri(rule.arn) == worker_->arn() ? 2 : 0;
        }
        points += tx.find_object(bucket.id, "uploads/") ? 1 : 0;
        points += tx.find_object(bucket.id, "processed/") ? 2 : 0;
        return points;
    }

    void find_bucket(const ReadTx& tx, std::string_view given) {
        if (!given.empty()) {
            bucket_name_ = given;
            const auto found = std::find_if(buckets_.begin(), buckets_.end(), [&](const auto& b) {
                return b.name == given;
            });
            bucket_ = found == buckets_.end() ? nullptr : &*found;
            return;
        }
        int best = -1;
        for (const auto& bucket : buckets_) {
            const int points = bucket_score(tx, bucket);
            if (points > best) {
                best = points;
                bucket_ = &bucket;
                bucket_name_ = bucket.name;
            }
        }
        if (bucket_ == nullptr) {
            const auto wanted = web_ != nullptr ? variable(*web_, "BUCKET_NAME") : std::nullopt;
            bucket_name_ = wanted && !wanted->empty()
                               ? std::string(*wanted)
                               : std::string(tutor::kHandoutBucketPrefix) + "-aj";
        }
    }

    std::vector<store::Function> functions_;
    std::vector<store::Bucket> buckets_;
    std::vector<apigateway::Api> apis_;
    const store::Function* web_ = nullptr;
    const store::Function* worker_ = nullptr;
    const apigateway::Api* api_ = nullptr;
    const store::Bucket* bucket_ = nullptr;
    std::string bucket_name_;
};

// --- the bucket

bool holds_file_below(const ReadTx& tx, store::BucketId bucket, std::string_view folder) {
    bool found = false;
    tx.scan_objects(bucket, folder, [&](const store::Object& object) {
        if (!object.key.starts_with(folder)) {
            return store::ScanStep::stop();
        }
        found = !object.key.ends_with('/');
        return found ? store::ScanStep::stop() : store::ScanStep::next();
    });
    return found;
}

std::string last_failure(const ReadTx& tx, std::string_view bucket) {
    for (const auto& delivery : tx.list_deliveries(bucket, "", kDeliveriesLooked)) {
        if (delivery.state == store::DeliveryState::Unmatched) {
            continue; // the worker's own copies and deletions are, too
        }
        const bool good = delivery.state == store::DeliveryState::Done || delivery.attempts == 0;
        return good ? std::string() : delivery.last_result.substr(0, kErrorBytesMax);
    }
    return {};
}

tutor::BucketFacts bucket_facts(const ReadTx& tx, const Wiring& wiring) {
    tutor::BucketFacts facts;
    facts.name = wiring.bucket_name();
    for (const auto& other : wiring.buckets()) {
        if (other.name == facts.name) {
            continue;
        }
        facts.others.push_back(other.name);
        for (const auto& rule : s3::stored_notification_config(other.notification)->rules) {
            if (wiring.worker() != nullptr &&
                tutor::function_of_uri(rule.arn) == wiring.worker()->arn()) {
                facts.trigger_elsewhere = other.name;
            }
        }
    }
    const store::Bucket* const bucket = wiring.bucket();
    if (bucket == nullptr) {
        return facts;
    }
    facts.exists = true;
    facts.has_uploads =
        tx.find_object(bucket->id, "uploads/") || holds_file_below(tx, bucket->id, "uploads/");
    facts.has_processed = tx.find_object(bucket->id, "processed/").has_value();
    const auto prefix =
        wiring.worker() != nullptr ? variable(*wiring.worker(), "PROCESSED_PREFIX") : std::nullopt;
    facts.file_arrived = holds_file_below(tx, bucket->id, "processed/") ||
                         (prefix && prefix->ends_with('/') && !prefix->starts_with("uploads/") &&
                          holds_file_below(tx, bucket->id, *prefix));
    facts.last_failure = last_failure(tx, bucket->name);
    for (const auto& rule : s3::stored_notification_config(bucket->notification)->rules) {
        facts.triggers.push_back(
            {tutor::function_of_uri(rule.arn),
             rule.events,
             std::string(rule.prefix()),
             std::string(rule.suffix())}
        );
    }
    return facts;
}

// --- roles

tutor::RoleFacts role_facts(
    const ReadTx& tx, std::string_view account, std::string_view name, std::string_view function
) {
    tutor::RoleFacts facts;
    facts.name = name;
    const auto role = tx.find_role(account, name);
    if (!role) {
        return facts;
    }
    facts.exists = true;
    facts.arn = "arn:aws:iam::" + std::string(account) + ":role" + role->path + role->name;
    facts.trusts_lambda =
        policy::service_may_assume(role->trust_policy, facts.arn, account, "lambda.amazonaws.com");
    store::Function stand_in;
    stand_in.name = function;
    stand_in.role_arn = facts.arn;
    if (const auto identity = function_identity(tx, stand_in)) {
        facts.session = identity->principal;
        facts.policies = identity->policies;
    }
    for (const auto& inlined : tx.inline_policies(store::PrincipalKind::Role, account, name)) {
        facts.inline_names.push_back(inlined.name);
    }
    return facts;
}

// --- functions

bool tells_of_failure(std::string_view line) {
    return line.starts_with("[ERROR]") || line.find("\tERROR\t") != line.npos ||
           line.find("Error: Runtime exited") != line.npos ||
           line.find("Runtime.ExitError") != line.npos;
}

constexpr std::string_view kTimedOut = "Task timed out after";

// How the last invocation went. An error of the start-up precedes its START line; the line about a
// timeout may follow the REPORT line. What came before the function was last changed is history.
class LastInvocation {
public:
    void take(const std::string& line) {
        if (line.find(kTimedOut) != line.npos) {
            failure_ = pending_ = line;
        } else if (tells_of_failure(line)) {
            pending_ = line;
        } else if (line.starts_with("REPORT RequestId")) {
            const bool timed_out = line.find("Status: timeout") != line.npos;
            if (pending_.find(kTimedOut) != pending_.npos && !timed_out) {
                pending_.clear(); // of the invocation before
            }
            if (pending_.empty() && (timed_out || line.find("Status: error") != line.npos)) {
                pending_ = line.substr(line.find("Status: "));
            }
            failure_ = pending_;
            pending_.clear();
        }
    }

    std::string failure() const { return failure_.substr(0, kErrorBytesMax); }

private:
    std::string failure_;
    std::string pending_; // of an invocation that has not ended yet
};

std::string last_error(const functions::FunctionLogs& logs, const store::Function& function) {
    LastInvocation last;
    std::uint64_t after = 0;
    for (;;) {
        const auto lines = logs.read(function.name, after, kLogLinesLooked);
        if (lines.empty()) {
            return last.failure();
        }
        for (const auto& line : lines) {
            if (line.at >= function.last_modified) {
                last.take(line.text);
            }
        }
        after = lines.back().number;
    }
}

void read_code(const ReadTx& tx, const store::Function& function, tutor::FunctionFacts& facts) {
    if (function.code_kind != "zip") {
        facts.plugin = true;
        return;
    }
    const auto zip = tx.find_document(store::kFunctionCodeSpace, function.code);
    if (!zip) {
        return;
    }
    for (auto& entry : archive::inspect_zip(*zip).entries) {
        if (facts.files.size() == kFilesMax) {
            break;
        }
        facts.files.push_back(std::move(entry.name));
    }
    if (!function.runtime.starts_with("python")) {
        return;
    }
    std::string module = function.handler.substr(0, function.handler.rfind('.'));
    std::replace(module.begin(), module.end(), '.', '/');
    for (const char* const end : {".py", "/__init__.py"}) {
        if (auto text = archive::read_zip_entry(*zip, module + end, kModuleBytesMax)) {
            facts.module = std::move(text);
            return;
        }
    }
}

// The sources that statements for `service` name, for the sentence about a wrong one.
std::vector<std::string> permitted_sources(std::string_view document, std::string_view service) {
    std::vector<std::string> sources;
    auto parsed = policy::parse_policy(document, policy::PolicyKind::Resource);
    if (!parsed) {
        return sources;
    }
    for (const auto& statement : (*parsed).statements()) {
        const bool for_service = std::any_of(
            statement.principals.begin(),
            statement.principals.end(),
            [&](const policy::PrincipalPattern& principal) { return principal.value == service; }
        );
        if (!for_service || statement.denies) {
            continue;
        }
        std::string source = "any source";
        for (const auto& condition : statement.conditions) {
            if (condition.key() == "AWS:SourceArn" || condition.key() == "aws:SourceArn") {
                source = condition.values().empty() ? source : condition.values().front();
            }
        }
        sources.push_back(std::move(source));
    }
    return sources;
}

struct FunctionNames {
    std::string_view function;
    std::string_view role;
};

tutor::FunctionFacts function_facts(
    const ReadTx& tx,
    const functions::FunctionLogs& logs,
    const LabFacts& lab,
    const store::Function* function,
    const FunctionNames& handout,
    const InvokeCaller& service
) {
    tutor::FunctionFacts facts;
    facts.name = handout.function;
    facts.arn = "arn:aws:lambda:" + lab.region + ":" + lab.account + ":function:" + facts.name;
    if (function == nullptr) {
        facts.role = role_facts(tx, lab.account, handout.role, facts.name);
        return facts;
    }
    facts.exists = true;
    facts.name = function->name;
    facts.arn = function->arn();
    facts.runtime = function->runtime;
    facts.handler = function->handler;
    facts.timeout_s = function->timeout_s;
    facts.environment = function->environment;
    facts.last_error = last_error(logs, *function);
    read_code(tx, *function, facts);
    const auto role = functions::parse_role_arn(function->role_arn);
    facts.role = role_facts(tx, lab.account, role ? role->name : handout.role, facts.name);
    facts.handout_role_exists =
        facts.role.name != handout.role && tx.find_role(lab.account, handout.role).has_value();
    facts.permitted_sources = permitted_sources(function->policy, service.service);
    facts.permits = functions::service_may_invoke(
        function->policy, function->arn(), function->account, service
    );
    return facts;
}

} // namespace

LabFacts read_handout_state(
    const ReadTx& tx,
    const functions::FunctionLogs& logs,
    std::string_view account,
    std::string_view region,
    std::string_view bucket
) {
    const Wiring wiring(tx, account, bucket);
    LabFacts facts;
    facts.account = account;
    facts.region = wiring.web() != nullptr      ? wiring.web()->region
                   : wiring.bucket() != nullptr ? wiring.bucket()->region
                                                : std::string(region);
    facts.bucket = bucket_facts(tx, wiring);
    if (const auto* const api = wiring.api()) {
        facts.api = {true, api->row.api_id, api->row.name, api->model};
    }
    const InvokeCaller from_api{
        "apigateway.amazonaws.com",
        "arn:aws:execute-api:" + facts.region + ":" + facts.account + ":" + facts.api.id +
            "/prod/POST/presign",
        ""};
    const InvokeCaller from_bucket{
        "s3.amazonaws.com", "arn:aws:s3:::" + facts.bucket.name, facts.account};
    facts.web = function_facts(
        tx,
        logs,
        facts,
        wiring.web(),
        {tutor::kHandoutWebFunction, tutor::kHandoutWebRole},
        from_api
    );
    facts.worker = function_facts(
        tx,
        logs,
        facts,
        wiring.worker(),
        {tutor::kHandoutWorkerFunction, tutor::kHandoutWorkerRole},
        from_bucket
    );
    return facts;
}

} // namespace benchtop::pipeline
