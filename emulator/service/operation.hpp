// The seam between the control planes (STS, IAM, Lambda, API Gateway, Logs) and the pipeline that
// drives them: one row per operation.
//
// A row says how a request finds it, what must be allowed, and gives a plain function that runs
// inside one transaction. The pipeline verifies the signature, parses the body, asks for the
// permissions and adds the request id and the date to the answer. What AWS has and no table has is
// answered as the service answers an operation it does not know.
#pragma once

#include "emulator/core/http.hpp"
#include "emulator/ports/invoker.hpp"
#include "emulator/service/context.hpp"
#include "emulator/store/tx.hpp"

#include <boost/json/object.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace benchtop::service {

enum class Protocol {
    Query,    // STS, IAM: Action=NAME in the form; XML answers
    RestJson, // Lambda, API Gateway: method and path; JSON answers
    Json11,   // Logs: X-Amz-Target: PREFIX.NAME; JSON answers
};

enum class Access { Read, Write };

// One request of an operation. What it refers to outlives the request.
struct Call {
    const RequestHead& head;
    std::string_view body;
    Query parameters;                // Query: the form's, else the URL's
    std::vector<std::string> labels; // RestJson: values of the path's {labels}, decoded, in order
    boost::json::object json;        // RestJson, Json11: the body; empty when there is none
    const OpContext& context;
    std::string_view request_id;

    // A parameter of the form or the URL; "" when it is not there.
    std::string_view parameter(std::string_view name) const { return parameters.get(name); }

    const std::string& account() const { return context.caller.account; }
};

// What an operation hands to the Invoker before it can answer.
struct Invocation {
    InvokeRequest request;
    milliseconds deadline{}; // then finish() gets nullopt
};

struct Operation {
    std::string_view name; // AWS's: "CreateFunction"
    Protocol protocol = Protocol::RestJson;
    // RestJson: "POST" and "/2015-03-31/functions/{name}/code"; a label is one segment (percent
    // decoded), and a last label "{arn+}" the rest of the path. "" otherwise.
    std::string_view method{};
    std::string_view path{};
    // The row is meant only when this header has this value (Invoke's X-Amz-Invocation-Type); the
    // first row that fits counts.
    std::string_view selector_header{};
    std::string_view selector_value{};
    std::string_view iam_action{}; // primary action, for the README; access() is what counts
    Access access = Access::Read;
    // What must be allowed before it runs, in the transaction it runs in; an error refuses the
    // request before anybody is asked. Null: AWS asks for no permission.
    Result<std::vector<AccessRequest>> (*access_requests
    )(const store::ReadTx&, const Call&) = nullptr;
    // Exactly one of the three.
    Result<Response> (*read)(const store::ReadTx&, Call&) = nullptr;
    Result<Response> (*write)(store::WriteTx&, Call&) = nullptr;
    // Access::Read: the answer is made by finish() when the function has run.
    Result<Invocation> (*invoke)(const store::ReadTx&, Call&) = nullptr;
    Result<Response> (*finish)(Call&, std::optional<InvokeOutcome>) = nullptr;
    std::size_t body_max = 1024 * 1024;
    AwsError (*too_large)() = nullptr; // for a body over body_max; null: the services' common 413
    // The body is not JSON to be parsed (Invoke's payload).
    bool opaque_body = false;
};

// The operations of one service, and its dialect.
struct ServiceTable {
    std::string_view name; // as in the credential scope: "lambda"
    Protocol protocol;
    std::string_view version{}; // Query: "2011-06-15"
    std::string_view xmlns{};   // Query
    std::string_view target{};  // Json11: "Logs_20140328"
    std::span<const Operation> operations{};
};

} // namespace benchtop::service
