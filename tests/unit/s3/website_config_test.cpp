#include "emulator/s3/errors.hpp"
#include "emulator/s3/ops/ops.hpp"
#include "emulator/s3/website.hpp"
#include "tests/catch.hpp"
#include "tests/unit/s3/operation_bench.hpp"

using namespace benchtop;
using namespace benchtop::s3;
using namespace benchtop::s3::test;

namespace {

std::string website(std::string_view inside) {
    return "<WebsiteConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" +
           std::string(inside) + "</WebsiteConfiguration>";
}

const std::string kIndex = "<IndexDocument><Suffix>index.html</Suffix></IndexDocument>";

std::string with_rule(std::string_view rule) {
    return website(
        kIndex + "<RoutingRules><RoutingRule>" + std::string(rule) + "</RoutingRule></RoutingRules>"
    );
}

std::string with_redirect(std::string_view redirect, std::string_view condition = "") {
    return with_rule(std::string(condition) + "<Redirect>" + std::string(redirect) + "</Redirect>");
}

std::string parsed(const std::string& document) {
    const auto config = parse_website(document);
    return config ? website_document(*config) : describe(config.error());
}

} // namespace

TEST_CASE("A website configuration comes back as it was put", "[s3][website]") {
    Bench bench;
    bench.make_bucket("lab");
    const Operation get = get_bucket_website_operation();
    const Operation remove = delete_bucket_website_operation();
    const Operation put = put_bucket_website_operation();
    const std::string none = "404 NoSuchWebsiteConfiguration: The specified bucket does not have a "
                             "website configuration [BucketName=lab]";
    CHECK(outcome(bench.run(get, {"GET", "/lab?website"})) == none);
    CHECK(outcome(bench.run(remove, {"DELETE", "/lab?website"})) == "204");
    const std::string document = website(
        kIndex +
        "<ErrorDocument><Key>error.html</Key></ErrorDocument><RoutingRules><RoutingRule><Condition>"
        "<KeyPrefixEquals>docs/</KeyPrefixEquals><HttpErrorCodeReturnedEquals>404"
        "</HttpErrorCodeReturnedEquals></Condition><Redirect><Protocol>https</Protocol><HostName>h"
        "</HostName><ReplaceKeyPrefixWith></ReplaceKeyPrefixWith><HttpRedirectCode>307"
        "</HttpRedirectCode></Redirect></RoutingRule><RoutingRule><Redirect><ReplaceKeyWith>k"
        "</ReplaceKeyWith></Redirect></RoutingRule></RoutingRules>"
    );
    CHECK(outcome(bench.run(put, {"PUT", "/lab?website", {}, document})) == "200");
    const auto got = bench.run(get, {"GET", "/lab?website"});
    REQUIRE(got.has_value());
    CHECK(body_of(*got) == std::string(kProlog) + document);
    CHECK(outcome(bench.run(remove, {"DELETE", "/lab?website"})) == "204");
    CHECK(outcome(bench.run(get, {"GET", "/lab?website"})) == none);
    CHECK(
        outcome(bench.run(put, {"PUT", "/lab?website"})) ==
        "400 MissingRequestBodyError: Request Body is empty"
    );
    const std::string all = website("<RedirectAllRequestsTo><Protocol>https</Protocol><HostName>"
                                    "example.com</HostName></RedirectAllRequestsTo>");
    CHECK(parsed(all) == std::string(kProlog) + all);
}

TEST_CASE("Website operations ask for their own rights", "[s3][website]") {
    Bench bench;
    bench.make_bucket("lab");
    (void)bench.run(put_bucket_website_operation(), {"PUT", "/lab?website", {}, website(kIndex)});
    (void)bench.run(get_bucket_website_operation(), {"GET", "/lab?website"});
    (void)bench.run(delete_bucket_website_operation(), {"DELETE", "/lab?website"});
    REQUIRE(bench.authorizer.asked.size() == 3);
    CHECK(bench.authorizer.asked[0].action == "s3:PutBucketWebsite");
    CHECK(bench.authorizer.asked[1].action == "s3:GetBucketWebsite");
    CHECK(bench.authorizer.asked[2].action == "s3:DeleteBucketWebsite");
}

TEST_CASE("A website configuration is refused as recorded", "[s3][website]") {
    const auto suffix = [](std::string_view text) {
        return website("<IndexDocument><Suffix>" + std::string(text) + "</Suffix></IndexDocument>");
    };
    CHECK(
        parsed(suffix("/index.html")) ==
        "400 InvalidArgument: The IndexDocument Suffix is not well formed "
        "[ArgumentName=IndexDocument] [ArgumentValue=/index.html]"
    );
    CHECK(
        parsed(suffix("")) == "400 InvalidArgument: The IndexDocument Suffix is not well formed "
                              "[ArgumentName=IndexDocument] [ArgumentValue=]"
    );
    CHECK(
        parsed(website(
            kIndex + "<RedirectAllRequestsTo><HostName>test</HostName></RedirectAllRequestsTo>"
        )) == "400 InvalidArgument: RedirectAllRequestsTo cannot be provided in conjunction with "
              "other Routing Rules. [ArgumentName=RedirectAllRequestsTo] [ArgumentValue=not null]"
    );
    const std::string no_index =
        "400 InvalidArgument: A value for IndexDocument Suffix must be provided if "
        "RedirectAllRequestsTo is empty [ArgumentName=IndexDocument] [ArgumentValue=null]";
    CHECK(parsed(website("<ErrorDocument><Key>/e</Key></ErrorDocument>")) == no_index);
    CHECK(parsed(website("")) == no_index);
    CHECK(
        parsed(website(kIndex + "<ErrorDocument><Key></Key></ErrorDocument>")) ==
        "400 InvalidArgument: The ErrorDocument Key is not well formed "
        "[ArgumentName=ErrorDocument] [ArgumentValue=]"
    );
    CHECK(
        parsed(with_redirect("<Protocol>ftp</Protocol>")) ==
        "400 InvalidRequest: Invalid protocol, protocol can be http or https. If not defined the "
        "protocol will be selected automatically."
    );
    CHECK(
        parsed(with_redirect(
            "<ReplaceKeyPrefixWith>p</ReplaceKeyPrefixWith><ReplaceKeyWith>k</ReplaceKeyWith>"
        )) == "400 InvalidRequest: You can only define ReplaceKeyPrefix or ReplaceKey but not both."
    );
    CHECK(
        parsed(with_redirect("<HostName>h</HostName>", "<Condition></Condition>")) ==
        "400 InvalidRequest: Condition cannot be empty. To redirect all requests without a "
        "condition, the condition element shouldn't be present."
    );
    CHECK(
        parsed(with_redirect("<HttpRedirectCode>300</HttpRedirectCode>")) ==
        "400 InvalidRequest: The provided HTTP redirect code (300) is not valid. Valid codes are "
        "3XX except 300."
    );
    CHECK(
        parsed(with_redirect(
            "<HostName>h</HostName>",
            "<Condition><HttpErrorCodeReturnedEquals>418</HttpErrorCodeReturnedEquals></Condition>"
        )) ==
        "400 InvalidRequest: The provided HTTP error code (418) is not valid. Valid codes are "
        "4XX or 5XX."
    );
    std::string many;
    for (int i = 0; i < 51; ++i) {
        many += "<RoutingRule><Redirect><HostName>h</HostName></Redirect></RoutingRule>";
    }
    CHECK(
        parsed(website(kIndex + "<RoutingRules>" + many + "</RoutingRules>")) ==
        "400 InvalidRequest: 51 routing rules provided, the number of routing rules in a website "
        "configuration is limited to 50."
    );
    const std::string malformed = describe(malformed_xml());
    for (const std::string& document :
         {std::string("x"),
          std::string("<Other/>"),
          website(kIndex + kIndex),
          website(kIndex + "<Nonsense/>"),
          website("<IndexDocument/>"),
          website(kIndex + "<RoutingRules></RoutingRules>"),
          website(kIndex + "<RoutingRules><Rule/></RoutingRules>"),
          website("<RedirectAllRequestsTo><HostName></HostName></RedirectAllRequestsTo>"),
          with_rule(""),
          with_redirect(""),
          with_redirect("<HttpRedirectCode>3xx</HttpRedirectCode>"),
          with_redirect("<Nonsense>x</Nonsense>"),
          with_redirect("<HostName><a/></HostName>")}) {
        INFO(document);
        CHECK(parsed(document) == malformed);
    }
}

TEST_CASE("The first routing rule that fits sends a request elsewhere", "[s3][website]") {
    WebsiteConfig config;
    config.index_suffix = "index.html";
    const auto add = [&](std::optional<std::string> prefix, std::optional<int> code) {
        RoutingRule rule;
        rule.key_prefix = std::move(prefix);
        rule.error_code = code;
        config.rules.push_back(std::move(rule));
    };
    add("both/", 404);
    add("docs/", std::nullopt);
    add("docs/a", std::nullopt);
    add(std::nullopt, 404);
    add(std::nullopt, 403);
    const auto found = [&](std::string_view key, std::optional<int> error) -> std::ptrdiff_t {
        const RoutingRule* rule = find_routing_rule(config, key, error);
        return rule == nullptr ? -1 : rule - config.rules.data();
    };
    CHECK(found("docs/a", std::nullopt) == 1);
    CHECK(found("both/a", std::nullopt) == -1);
    CHECK(found("both/a", 404) == 0);
    CHECK(found("both/a", 403) == 4);
    CHECK(found("x", 404) == 3);
    CHECK(found("x", 500) == -1);
    add(std::nullopt, std::nullopt);
    CHECK(found("", std::nullopt) == 5); // without a condition: every request
}

TEST_CASE("A website is known by its host", "[s3][website]") {
    const auto address = [](std::string_view host) {
        const auto found = website_address(host);
        return found ? found->bucket + " " + found->region.value_or("-") : "none";
    };
    CHECK(address("lab.s3-website-us-east-1.amazonaws.com") == "lab us-east-1");
    CHECK(address("my.site.s3-website.us-east-2.amazonaws.com:4566") == "my.site us-east-2");
    CHECK(address("LAB.S3-Website.localhost:4566") == "lab -");
    CHECK(address("lab.s3-website.us-east-2.localhost") == "lab us-east-2");
    CHECK(address("lab.s3-website-us-west-2.localhost") == "lab us-west-2");
    CHECK(address("s3-website.localhost") == " -");
    for (const std::string_view host :
         {"lab.s3-website.amazonaws.com",
          "lab.s3.us-east-2.amazonaws.com",
          "s3-website",
          "lab.s3-website.example.com",
          "s3-website.s3.localhost",
          "lab.localhost",
          "127.0.0.1:4566",
          ""}) {
        CHECK(address(host) == "none");
    }
}
