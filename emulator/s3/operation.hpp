// The seam between S3's operations and the pipeline that drives them: one row per operation.
//
// A row gives four steps, all plain functions: decode the head, say what must be allowed, decode a
// document body, run. Routing, policy, the coverage test and the README's table come from the one
// table (s3/operations.cpp); what AWS has and the table has not is listed there too and answers
// NotImplemented by name.
#pragma once

#include "emulator/auth/verify.hpp"
#include "emulator/core/http.hpp"
#include "emulator/core/result.hpp"
#include "emulator/s3/object_body.hpp"
#include "emulator/s3/target.hpp"
#include "emulator/service/context.hpp"
#include "emulator/store/tx.hpp"

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

namespace benchtop::s3 {

// What an operation may look at before its body: the head as received, resolved and authenticated.
struct S3Request {
    const RequestHead& head;
    const Target& target;
    const Query& query;
    const auth::Authenticated& authenticated;

    // A header's value, or for presigned requests the signed query parameter that stands for it.
    std::optional<std::string_view> header(std::string_view name) const;
};

enum class BodyKind {
    Ignored,  // read and dropped (bounded)
    Document, // XML or JSON, whole in memory, at most document_max bytes
    Object,   // streamed into a StagedBody
    Form,     // multipart/form-data (form_upload.hpp): fields, then a file like an Object's body
};

enum class Access { Read, Write };
enum class Level { Service, Bucket, Object };

// Base of every operation's Input; owned by the exchange.
struct Input {
    virtual ~Input() = default;
};

// Work on stored bytes that takes too long for the writer and for a network thread. It owns what it
// touches, runs on any thread, once, and ends early (with results nobody uses) when asked to stop.
using Work = std::move_only_function<void(std::stop_token)>;

struct Operation {
    std::string_view name; // AWS's: "PutObject"
    std::string_view method;
    Level level;
    std::string_view selector;   // query name that selects it ("notification"), or "" (see route())
    std::string_view iam_action; // primary action, for the README; access() is what counts
    Access access;
    BodyKind body;
    std::size_t document_max = 0;
    int success_status = 200;
    bool needs_bucket = true; // an existing bucket: NoSuchBucket comes before authorization
    bool any_region = false;  // path style, every region's endpoint answers: no redirect

    // Validates and decodes the head. Header-level errors in AWS's order.
    Result<std::unique_ptr<Input>> (*decode)(const S3Request&);
    // What must be allowed before the body is read. `bucket` is null only when !needs_bucket.
    std::vector<service::AccessRequest> (*access_requests
    )(const S3Request&, const Input&, const store::Bucket* bucket);
    // Document operations only; null otherwise.
    Result<void> (*decode_document)(Input&, std::string_view document);
    // Exactly one of the two, by `access`. `body` is null unless BodyKind::Object or Form. They
    // give a finished Response (status, headers, body) without Server, Date, x-amz-request-id and
    // x-amz-id-2, which the pipeline adds.
    Result<Response> (*read
    )(const store::ReadTx&, const service::OpContext&, const S3Request&, Input&);
    Result<Response> (*write
    )(store::WriteTx&, const service::OpContext&, const S3Request&, Input&, StagedObject* body);
    // BodyKind::Object, may be null: what committed state decides about the body before its first
    // byte is read. write() checks again.
    Result<void> (*admit_body
    )(const store::ReadTx&, const service::OpContext&, const S3Request&, Input&, BodyPlan&) =
        nullptr;
    // Access::Write, may be null: before write(), what has to be computed from stored bytes; an
    // empty function when nothing has. The results are left for write() in the Input; when they are
    // not about what write() finds, it answers work_outdated(), and both steps are run again.
    Work (*prepare
    )(const store::ReadTx&, const service::OpContext&, const S3Request&, Input&) = nullptr;
};

// Every operation Benchtop has, in README order.
std::span<const Operation> operations();

// Every operation AWS has for general purpose buckets, by name: operations() and what answers
// NotImplemented.
std::vector<std::string_view> operations_of_aws();

// Picks the operation, or gives AWS's refusal: MethodNotAllowed, conflicting sub-resources, POST
// not a form... An operation AWS has and Benchtop has not: 501 NotImplemented naming it.
Result<const Operation*> route(const RequestHead& head, const Target& target, const Query& query);

} // namespace benchtop::s3
