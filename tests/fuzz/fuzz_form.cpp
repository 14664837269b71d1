// What browsers send: a form's body, cut anywhere, must be read the same; a policy, CORS rules and
// a website's configuration must be refused or come back as they were understood.
#include "emulator/s3/cors.hpp"
#include "emulator/s3/form_reader.hpp"
#include "emulator/s3/post_policy.hpp"
#include "emulator/s3/website_config.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" const char* const* benchtop_fuzz_seeds();
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" const char* const* benchtop_fuzz_seeds() {
    static const char* const seeds[] = {
        "--B\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nup/${filename}\r\n--B\r\n"
        "Content-Disposition: form-data; name=\"file\"; "
        "filename=\"C:\\a\\\"b\"\r\n\r\nx\r\n--\r\n-\r"
        "\n--B--",
        "pre\r\n--B \r\nContent-Disposition:\r\n form-data; "
        "name=file\r\n\r\n\r\r\n--B\r\n\r\n\r\n--B--",
        "{\"expiration\": \"2026-02-21T00:17:57Z\", \"conditions\": [{\"bucket\": \"b\"}, [\"eq\", "
        "\"$key\", \"k\\\"]\"], [\"content-length-range\", 1, \"2\"]]}",
        "<CORSConfiguration><CORSRule><ID>1</ID><AllowedOrigin>http://*.a</AllowedOrigin>"
        "<AllowedMethod>GET</AllowedMethod><AllowedHeader>*</AllowedHeader><MaxAgeSeconds>3"
        "</MaxAgeSeconds><ExposeHeader>ETag</ExposeHeader></CORSRule></CORSConfiguration>",
        "<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument><RoutingRules>"
        "<RoutingRule><Condition><KeyPrefixEquals>a</KeyPrefixEquals><HttpErrorCodeReturnedEquals>"
        "404</HttpErrorCodeReturnedEquals></Condition><Redirect><HostName>h</HostName></Redirect>"
        "</RoutingRule></RoutingRules></WebsiteConfiguration>",
        nullptr};
    return seeds;
}

namespace {

using namespace benchtop;
using namespace benchtop::s3;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

struct Seen final : FormReader::Listener {
    Result<void> file_begins(const Form& form) override {
        for (const auto& [name, value] : form.fields) {
            text += name + '=' + value + ';';
        }
        text += form.filename.value_or("-");
        return {};
    }

    Result<void> file_data(ByteView bytes) override {
        text += as_text(bytes);
        return {};
    }

    std::string text;
};

// In pieces of `step` bytes.
std::string read_form(std::string_view body, std::size_t step) {
    FormReader reader("B");
    Seen seen;
    for (std::size_t at = 0; at < body.size(); at += step) {
        if (auto ok = reader.feed(as_bytes(body.substr(at, step)), seen); !ok) {
            return seen.text + ok.error().code();
        }
    }
    const auto complete = reader.finish();
    return seen.text + (complete ? "" : complete.error().code());
}

void run(std::string_view input) {
    const std::string whole = read_form(input, input.size() + 1);
    require(read_form(input, 1) == whole);
    require(read_form(input, 3) == whole);
    if (const auto policy = parse_post_policy(to_base64(as_bytes(input)))) {
        for (const PostCondition& condition : policy->conditions) {
            require(!condition.text.empty());
        }
        (void)check_post_conditions(
            *policy, [](std::string_view name) { return std::optional(name); }, {"key"}
        );
    }
    if (const auto rules = parse_cors(input)) {
        const auto again = parse_cors(cors_document(*rules));
        require(again && again->size() == rules->size());
    }
    if (const auto config = parse_website(input)) {
        const auto again = parse_website(website_document(*config));
        require(again && website_document(*again) == website_document(*config));
        for (const std::optional<int> error : {std::optional<int>{}, std::optional(404)}) {
            const RoutingRule* const rule = find_routing_rule(*config, input.substr(0, 8), error);
            require(rule == nullptr || rule->error_code == error);
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    run({reinterpret_cast<const char*>(data), size});
    return 0;
}
