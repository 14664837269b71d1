// The request target: bucket and key, query, route, Host forms, ranges of the path. Nothing here
// may crash, throw or give a key that breaks S3's limits.
#include "emulator/apigateway/gateway.hpp"
#include "emulator/core/encoding.hpp"
#include "emulator/s3/operation.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" const char* const* benchtop_fuzz_seeds();
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" const char* const* benchtop_fuzz_seeds() {
    static const char* const seeds[] = {
        "PUT\n127.0.0.1:4566\n/student-upload-bucket-aj/uploads/a%20b%2Bc.txt?X-Amz-Expires=300",
        "GET\nb.s3.us-east-2.localhost:4566\n/a/../b//c?response-content-type=text%2Fplain",
        "GET\nb.s3.amazonaws.com\n/?list-type=2&prefix=uploads%2F&delimiter=%2F&max-keys=2",
        "POST\nabc123def4.execute-api.us-east-2.amazonaws.com\n/prod/presign?a=1&a=2",
        "POST\nlocalhost\n/_aws/execute-api/abc123def4/prod/presign",
        "POST\ns3.us-east-2.amazonaws.com\n/bucket?delete=&versioning",
        "HEAD\n[::1]:4566\n/bucket/%F0%9F%98%80?partNumber=1&uploadId=x",
        nullptr};
    return seeds;
}

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

// Input: METHOD \n HOST \n TARGET
void run(std::string_view input) {
    using namespace benchtop;
    const auto first = input.find('\n');
    const auto second = first == std::string_view::npos ? first : input.find('\n', first + 1);
    if (second == std::string_view::npos) {
        return;
    }
    RequestHead head;
    head.method = input.substr(0, first);
    head.headers.add("Host", input.substr(first + 1, second - first - 1));
    head.target = input.substr(second + 1);
    if (head.target.empty()) {
        return;
    }
    (void)apigateway::api_address(head.host());
    (void)apigateway::path_address(head.path());
    const auto target = s3::resolve_target(head);
    if (!target) {
        return;
    }
    require(target->key.size() <= 1024);
    require(is_valid_utf8(target->key));
    require(target->key.empty() || !target->bucket.empty());
    const Query query = Query::parse(head.query());
    const auto operation = s3::route(head, *target, query);
    require(!operation || *operation != nullptr);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    run({reinterpret_cast<const char*>(data), size});
    return 0;
}
