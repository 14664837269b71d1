// What reaches an HTTP API from outside: paths against routes, tokens and key sets, what functions
// return. Nothing here may crash, throw or let an unsigned token through.
#include "emulator/apigateway/control_checks.hpp"
#include "emulator/apigateway/gateway.hpp"
#include "emulator/apigateway/jwt.hpp"
#include "emulator/apigateway/response_mapping.hpp"
#include "emulator/core/encoding.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" const char* const* benchtop_fuzz_seeds();
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// The key set is RFC 7515's, appendix A.2.
extern "C" const char* const* benchtop_fuzz_seeds() {
    static const char* const seeds[] = {
        "r\nGET /pets/{id}\nGET\n/prod/pets/7",
        "r\nANY /a/{b}/{rest+}\nPOST\n/prod/a/%20/c/d%2Fe",
        "r\n$default\nPUT\n/prod",
        "t\n{\"alg\":\"RS256\",\"kid\":\"k\"}\n"
        "{\"iss\":\"https://"
        "i\",\"aud\":[\"lab\"],\"exp\":1e9,\"iat\":-1,\"nbf\":null,\"scope\":\"a "
        "b\",\"scp\":[\"c\",1]}\n"
        "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"k\",\"e\":\"AQAB\",\"n\":"
        "\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-"
        "Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_"
        "7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV"
        "MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_"
        "h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb"
        "54h4FRWyuXpoQ\"}]}",
        "j\neyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UifQ.AAAA",
        "f\n{\"statusCode\":\"200\",\"headers\":{\"a\":1,\"b\":null},\"cookies\":[\"a=1\"],"
        "\"body\":\"aGk=\",\"isBase64Encoded\":true}",
        "f\n{\"statusCode\":200,\"multiValueHeaders\":{\"a\":[\"1\",\"2\"]},\"body\":{}}",
        "f\n\"text\"",
        nullptr};
    return seeds;
}

namespace {

using namespace benchtop;
using namespace benchtop::apigateway;

const UtcInstant kNow = from_epoch_seconds(1'800'000'000);

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

std::string base64url(std::string_view text) {
    std::string out = to_base64(as_bytes(text));
    for (char& c : out) {
        c = c == '+' ? '-' : c == '/' ? '_' : c;
    }
    return out.substr(0, out.find('='));
}

std::string_view take_line(std::string_view& input) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    const std::string_view line = input.substr(0, end);
    input.remove_prefix(std::min(end + 1, input.size()));
    return line;
}

// KEY \n METHOD \n PATH
void run_route(std::string_view input) {
    ApiModel model;
    model.current.integrations = {
        {"i", "AWS_PROXY", "arn:aws:lambda:us-east-2:111122223333:function:f", "2.0", 30000}};
    const std::string key(take_line(input));
    if (!check_route_key(key)) {
        return;
    }
    model.current.routes = {{"r", key, "integrations/i"}};
    model.stages.emplace_back().name = "prod";
    model.stages.back().auto_deploy = true;
    auto_deploy(model);
    const std::string_view method = take_line(input);
    const Routing found = route(model, method, input);
    require(!found.match || (found.match->route != nullptr && found.match->integration != nullptr));
    require(!check_route_is_new(model, key, ""));
}

// Nobody but the issuer can sign.
void run_token(std::string_view token, std::string_view key_set) {
    const auto jwt = parse_jwt(token);
    if (!jwt) {
        return;
    }
    (void)check_claims(*jwt, "https://i", {"lab"}, {}, kNow);
    (void)scopes_of(*jwt);
    if (const auto keys = parse_key_set(key_set)) {
        require(!verify_signature(*jwt, *keys));
    }
}

void run(std::string_view input) {
    const std::string_view kind = take_line(input);
    if (kind == "r") {
        run_route(input);
    } else if (kind == "t") {
        const std::string header = base64url(take_line(input));
        const std::string claims = base64url(take_line(input));
        run_token(header + "." + claims + "." + base64url(std::string(256, '\1')), input);
    } else if (kind == "j") {
        run_token(input, R"({"keys":[]})");
    } else if (kind == "f") {
        for (const PayloadFormat format : {PayloadFormat::V1, PayloadFormat::V2}) {
            const auto mapped = map_answer(input, format, {kNow, "id", false});
            require(!mapped.malformed.empty() || mapped.response.status >= 100);
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    run({reinterpret_cast<const char*>(data), size});
    return 0;
}
