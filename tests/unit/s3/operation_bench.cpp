#include "tests/unit/s3/operation_bench.hpp"

#include "emulator/s3/document_integrity.hpp"
#include "emulator/s3/errors.hpp"

#include <algorithm>

namespace benchtop::s3::test {

void FixedRandom::fill(RandomStream, std::span<char> bytes) {
    for (char& byte : bytes) {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        byte = static_cast<char>(state_ >> 56);
    }
}

Result<void> ScriptedAuthorizer::check(const service::AccessRequest& request) {
    asked.push_back(request);
    if (denied.contains({request.action, request.resource})) {
        return access_denied("denied: " + request.action);
    }
    return {};
}

Bench::Bench(std::string bench_region)
    : region(std::move(bench_region))
    , now(*parse_iso8601("2025-06-02T17:19:59.110Z"))
    , store_(store::open_memory_store()) {
    caller.kind = policy::Principal::Kind::AssumedRole;
    caller.account = "111122223333";
    caller.arn = "arn:aws:sts::111122223333:assumed-role/web/web-presign-lambda";
    caller.role_arn = "arn:aws:iam::111122223333:role/web";
    caller.user_id = "AROAEXAMPLEEXAMPLE234:web-presign-lambda";
    authenticated.type = auth::AuthType::RestHeader;
    authenticated.version = 4;
}

void Bench::edit(const std::function<void(store::WriteTx&)>& change) {
    store::WriteJob job;
    job.run = [&](store::WriteTx& tx) {
        change(tx);
        return true;
    };
    job.done = [](store::CommitStatus) {};
    store_->write(std::move(job));
}

void Bench::look(const std::function<void(const store::ReadTx&)>& look) {
    store_->read(look);
}

Result<Response> Bench::run(const Operation& operation, const Call& call) {
    RequestHead head;
    head.method = call.method;
    head.target = call.target;
    head.received_at = now;
    head.source_ip = source_ip;
    head.content_length = call.body.size();
    for (const auto& [name, value] : call.headers) {
        head.headers.add(name, value);
    }
    Target target;
    const std::string_view path = head.path();
    const auto slash = path.find('/', 1);
    target.bucket = path.substr(1, slash == std::string_view::npos ? slash : slash - 1);
    target.key = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
    const Query query = Query::parse(head.query());
    const S3Request request{head, target, query, authenticated};
    const service::OpContext context{
        now, axis_, ids, caller, source_ip, region, authorizer, random};

    auto input = operation.decode(request);
    if (!input) {
        return input.error();
    }
    std::optional<store::Bucket> bucket;
    look([&](const store::ReadTx& tx) { bucket = tx.find_bucket(target.bucket); });
    if (operation.needs_bucket && !bucket) {
        return no_such_bucket(target.bucket);
    }
    for (const auto& access :
         operation.access_requests(request, **input, bucket ? &*bucket : nullptr)) {
        if (auto allowed = authorizer.check(access); !allowed) {
            return allowed.error();
        }
    }
    if (operation.body == BodyKind::Document) {
        if (auto intact = check_document_integrity(request, operation.name, call.body); !intact) {
            return intact.error();
        }
        if (auto decoded = operation.decode_document(**input, call.body); !decoded) {
            return decoded.error();
        }
    }
    std::optional<Result<Response>> result;
    if (operation.access == Access::Read) {
        look([&](const store::ReadTx& tx) {
            result.emplace(operation.read(tx, context, request, **input));
        });
    } else {
        store::WriteJob job;
        job.run = [&](store::WriteTx& tx) {
            result.emplace(operation.write(tx, context, request, **input, nullptr));
            return result->has_value();
        };
        job.done = [](store::CommitStatus) {};
        store_->write(std::move(job));
    }
    return *std::move(result);
}

void Bench::make_bucket(std::string_view name) {
    edit([&](store::WriteTx& tx) {
        store::Bucket bucket;
        bucket.name = name;
        bucket.account = caller.account;
        bucket.region = region;
        bucket.created_at = now;
        tx.create_bucket(bucket);
    });
}

void Bench::make_object(std::string_view bucket_name, std::string_view key, std::string_view etag) {
    edit([&](store::WriteTx& tx) {
        store::Object object;
        object.key = key;
        object.etag = etag;
        object.last_modified = now;
        object.checksum_algorithm = ChecksumAlgorithm::Crc64Nvme;
        object.checksum = "AAAAAAAAAAA=";
        object.checksum_type = "FULL_OBJECT";
        tx.put_object(tx.find_bucket(bucket_name)->id, object);
    });
}

bool Bench::has_object(std::string_view bucket_name, std::string_view key) {
    bool found = false;
    look([&](const store::ReadTx& tx) {
        found = tx.find_object(tx.find_bucket(bucket_name)->id, key).has_value();
    });
    return found;
}

void Bench::make_function(std::string_view name, std::string_view resource_policy) {
    edit([&](store::WriteTx& tx) {
        store::Function function;
        function.account = caller.account;
        function.region = region;
        function.name = name;
        function.policy = resource_policy;
        tx.put_function(function);
    });
}

std::vector<store::Delivery> Bench::deliveries() {
    std::vector<store::Delivery> found;
    look([&](const store::ReadTx& tx) { found = tx.list_deliveries("", "", 1000); });
    std::ranges::reverse(found);
    return found;
}

store::Bucket Bench::bucket(std::string_view name) {
    std::optional<store::Bucket> found;
    look([&](const store::ReadTx& tx) { found = tx.find_bucket(name); });
    return found.value_or(store::Bucket{});
}

std::string body_of(const Response& response) {
    return std::get<std::string>(response.body);
}

std::string describe(const AwsError& error) {
    std::string text = std::to_string(error.status()) + " " + error.code() + ": " + error.message();
    for (const auto& [name, value] : error.extra()) {
        text += " [" + name + "=" + value + "]";
    }
    return text;
}

std::string outcome(const Result<Response>& result) {
    return result ? std::to_string(result->status) : describe(result.error());
}

} // namespace benchtop::s3::test
