// The website endpoint over a request's whole way.
#include "harness/lab.hpp"
#include "tests/catch.hpp"

using namespace benchtop;
using namespace benchtop::harness;

namespace {

const std::string kBucket(stack::kLabBucket);
const std::string kSite = "http://" + kBucket + ".s3-website.localhost:4566";
const std::string kIndex = "<IndexDocument><Suffix>index.html</Suffix></IndexDocument>";
const std::string kError = "<ErrorDocument><Key>error.html</Key></ErrorDocument>";

struct Site : Lab {
    Site() {
        write([](store::WriteTx& tx) {
            tx.set_bucket_policy(
                tx.find_bucket(kBucket)->id,
                R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",)"
                R"( "Action": "s3:GetObject", "Resource": "arn:aws:s3:::)" +
                    kBucket +
                    R"(/*"}, {"Effect": "Deny", "Principal": "*", "Action": )"
                    R"("s3:GetObject", "Resource": "arn:aws:s3:::)" +
                    kBucket + R"(/private/*"}]})"
            );
            // Deleted, as for every public website.
            tx.set_bucket_setting(tx.find_bucket(kBucket)->id, "publicAccessBlock", "");
        });
    }

    void configure(std::string_view inside) {
        signed_put(
            "?website", "<WebsiteConfiguration>" + std::string(inside) + "</WebsiteConfiguration>"
        );
    }

    void put(std::string_view key, std::string body, std::string redirect = "") {
        signed_put("/" + std::string(key), std::move(body), std::move(redirect));
    }

    ClientResponse get(std::string_view path, std::string method = "GET") {
        ClientRequest request;
        request.method = std::move(method);
        request.url = kSite + std::string(path);
        return send(request);
    }

    // "301 http://..."
    std::string redirect(std::string_view path) {
        const auto response = get(path);
        CHECK(response.body.empty());
        return std::to_string(response.status) + " " +
               std::string(response.headers.get("location"));
    }

private:
    void signed_put(std::string path, std::string body, std::string redirect = "") {
        ClientRequest request;
        request.method = "PUT";
        request.url = std::string(kEndpoint) + "/" + kBucket + path;
        request.body = std::move(body);
        request.headers = {{"Content-Type", "text/html"}};
        if (!redirect.empty()) {
            request.headers.emplace_back("x-amz-website-redirect-location", redirect);
        }
        REQUIRE(send_signed(request, Lab::administrator()).status == 200);
    }
};

std::string page(
    const ClientResponse& response,
    std::string_view title,
    std::string_view items,
    std::string_view custom = ""
) {
    return "<html>\n<head><title>" + std::string(title) + "</title></head>\n<body>\n<h1>" +
           std::string(title) + "</h1>\n<ul>\n" + std::string(items) +
           "<li>RequestId: " + std::string(response.headers.get("x-amz-request-id")) +
           "</li>\n<li>HostId: " + std::string(response.headers.get("x-amz-id-2")) +
           "</li>\n</ul>\n" + std::string(custom) + "<hr/>\n</body>\n</html>\n";
}

constexpr std::string_view kNoSuchKey =
    "<li>Code: NoSuchKey</li>\n<li>Message: The specified key does not exist.</li>\n";
constexpr std::string_view kDenied =
    "<li>Code: AccessDenied</li>\n<li>Message: Access Denied</li>\n";

} // namespace

TEST_CASE("A website serves index documents for folders", "[pipeline][website]") {
    Site site;
    site.configure(kIndex);
    site.put("index.html", "home");
    site.put("a b/index.html", "folder");
    site.put("page.html", "page");
    const auto home = site.get("/");
    CHECK(home.status == 200);
    CHECK(home.body == "home");
    CHECK(home.headers.get("content-type") == "text/html");
    CHECK(home.headers.has("etag"));
    CHECK(home.headers.has("x-amz-request-id"));
    CHECK(home.headers.get("server") == "AmazonS3");
    CHECK(site.get("/a%20b/").body == "folder");
    CHECK(site.get("/page.html?response-content-type=x").body == "page");
    CHECK(site.redirect("/a%20b") == "302 /a%20b/");
    const auto head = site.get("/page.html", "HEAD");
    CHECK(head.status == 200);
    CHECK(head.body.empty());
    // No trigger, no write, nothing signed: a page is only read.
    CHECK(site.deliveries().size() == 3);
}

TEST_CASE("A website's refusals are pages, as recorded", "[pipeline][website]") {
    Site site;
    const auto none = site.get("/index.html");
    CHECK(none.status == 404);
    CHECK(
        none.body == page(
                         none,
                         "404 Not Found",
                         "<li>Code: NoSuchWebsiteConfiguration</li>\n<li>Message: The specified "
                         "bucket does not have a website configuration</li>\n<li>BucketName: " +
                             kBucket + "</li>\n"
                     )
    );
    CHECK(none.headers.get("content-type") == "text/html; charset=utf-8");
    CHECK(none.headers.get("x-amz-error-code") == "NoSuchWebsiteConfiguration");
    CHECK(none.headers.get("x-amz-error-detail-BucketName") == kBucket);

    ClientRequest request;
    request.url = "http://no-such-bucket.s3-website-us-east-1.amazonaws.com/";
    const auto missing = site.send(request);
    CHECK(
        missing.body ==
        page(
            missing,
            "404 Not Found",
            "<li>Code: NoSuchBucket</li>\n<li>Message: The specified bucket does not exist</li>\n"
            "<li>BucketName: no-such-bucket</li>\n"
        )
    );
    request.url = "http://" + kBucket + ".s3-website-us-east-1.amazonaws.com/";
    const auto elsewhere = site.send(request);
    CHECK(elsewhere.status == 400);
    CHECK(
        elsewhere.body ==
        page(
            elsewhere,
            "400 Bad Request",
            "<li>Code: IncorrectEndpoint</li>\n<li>Message: The specified bucket exists in another "
            "region. Please direct requests to the specified endpoint.</li>\n<li>Endpoint: " +
                kBucket + ".s3-website.us-east-2.amazonaws.com</li>\n"
        )
    );
    site.configure(kIndex);
    for (const std::string method : {"POST", "DELETE"}) {
        const auto refused = site.get("/", method);
        CHECK(refused.status == 405);
        CHECK(
            refused.body == page(
                                refused,
                                "405 Method Not Allowed",
                                "<li>Code: MethodNotAllowed</li>\n<li>Message: The specified "
                                "method is not allowed against this resource.</li>\n<li>Method: " +
                                    method + "</li>\n<li>ResourceType: OBJECT</li>\n"
                            )
        );
    }
    // Who may not list the bucket is not told that a key is missing.
    const auto hidden = site.get("/%3Cb%3E");
    CHECK(hidden.status == 403);
    CHECK(hidden.body == page(hidden, "403 Forbidden", kDenied));
    CHECK(hidden.headers.get("x-amz-error-code") == "AccessDenied");
    site.put("private/a", "x");
    CHECK(site.get("/private/a").status == 403);
    const auto head = site.get("/private/a", "HEAD");
    CHECK(head.status == 403);
    CHECK(head.body.empty());
}

TEST_CASE("A website's error document comes with the status of the error", "[pipeline][website]") {
    Site site;
    site.write([](store::WriteTx& tx) {
        tx.set_bucket_policy(
            tx.find_bucket(kBucket)->id,
            R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",)"
            R"( "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::)" +
                kBucket + R"(", "arn:aws:s3:::)" + kBucket + R"(/*"]}]})"
        );
    });
    site.configure(kIndex + kError);
    const auto neither = site.get("/folder/");
    CHECK(neither.status == 404);
    CHECK(
        neither.body == page(
                            neither,
                            "404 Not Found",
                            std::string(kNoSuchKey) + "<li>Key: folder/index.html</li>\n",
                            "<h3>An Error Occurred While Attempting to Retrieve a Custom Error "
                            "Document</h3>\n<ul>\n" +
                                std::string(kNoSuchKey) + "<li>Key: error.html</li>\n</ul>\n"
                        )
    );
    site.put("error.html", "sorry");
    const auto custom = site.get("/none");
    CHECK(custom.status == 404);
    CHECK(custom.body == "sorry");
    CHECK(custom.headers.get("content-type") == "text/html");
    CHECK(custom.headers.get("x-amz-error-code") == "NoSuchKey");
    CHECK(custom.headers.get("x-amz-error-message") == "The specified key does not exist.");
    CHECK(custom.headers.get("x-amz-error-detail-Key") == "none");
    CHECK(site.get("/", "POST").body != "sorry"); // 405 is not its business (recorded)
    site.put("error.html", "moved", "/other.html");
    CHECK(site.get("/none").status == 301);
}

TEST_CASE("A website redirects by rule, by object and altogether", "[pipeline][website]") {
    Site site;
    const auto rule = [](std::string_view condition, std::string_view redirect) {
        return "<RoutingRule>" +
               (condition.empty() ? std::string()
                                  : "<Condition>" + std::string(condition) + "</Condition>") +
               "<Redirect>" + std::string(redirect) + "</Redirect></RoutingRule>";
    };
    site.configure(
        kIndex + kError + "<RoutingRules>" +
        rule("<KeyPrefixEquals>host/</KeyPrefixEquals>", "<HostName>random</HostName>") +
        rule(
            "<KeyPrefixEquals>docs/</KeyPrefixEquals>",
            "<ReplaceKeyPrefixWith>new docs/</ReplaceKeyPrefixWith>"
        ) +
        rule("<KeyPrefixEquals>tls/</KeyPrefixEquals>", "<Protocol>https</Protocol>") +
        rule(
            "<KeyPrefixEquals>code/</KeyPrefixEquals>", "<HttpRedirectCode>307</HttpRedirectCode>"
        ) +
        rule("<KeyPrefixEquals>index</KeyPrefixEquals>", "<ReplaceKeyWith>x</ReplaceKeyWith>") +
        rule(
            "<HttpErrorCodeReturnedEquals>403</HttpErrorCodeReturnedEquals>",
            "<ReplaceKeyPrefixWith>#!/</ReplaceKeyPrefixWith>"
        ) +
        "</RoutingRules>"
    );
    site.put("index.html", "home");
    site.put("docs/a", "x", "/ignored");
    site.put("moved.html", "", "http://elsewhere/\xC3\xA9");
    CHECK(site.redirect("/host/key") == "301 http://random/host/key");
    CHECK(site.redirect("/docs/a%20b?x=1") == "301 " + kSite + "/new%20docs/a%20b?x=1");
    CHECK(site.redirect("/tls/a") == "301 https" + kSite.substr(4) + "/tls/a");
    CHECK(site.redirect("/code/a") == "307 " + kSite + "/code/a");
    CHECK(site.get("/").body == "home"); // a prefix is compared with the request, not the index
    CHECK(site.redirect("/page") == "301 " + kSite + "/#!/page");
    CHECK(site.redirect("/moved.html") == "301 http://elsewhere/%C3%A9");

    site.configure("<RedirectAllRequestsTo><HostName>example.com</HostName></RedirectAllRequestsTo>"
    );
    CHECK(site.redirect("/a%20b?c") == "301 http://example.com/a%20b?c");
    CHECK(site.redirect("/") == "301 http://example.com/");
}

TEST_CASE("A website answers pages of other origins by its CORS rules", "[pipeline][website]") {
    Site site;
    site.configure(kIndex);
    site.put("index.html", "home");
    site.write([](store::WriteTx& tx) {
        tx.set_bucket_setting(
            tx.find_bucket(kBucket)->id,
            "cors",
            "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET"
            "</AllowedMethod></CORSRule></CORSConfiguration>"
        );
    });
    ClientRequest request;
    request.url = kSite + "/";
    request.headers = {{"Origin", "http://page"}, {"Access-Control-Request-Method", "GET"}};
    CHECK(site.send(request).headers.get("access-control-allow-origin") == "*");
    request.method = "OPTIONS";
    const auto asked = site.send(request);
    CHECK(asked.status == 200);
    CHECK(asked.headers.get("access-control-allow-methods") == "GET");
    request.headers[1].second = "PUT";
    CHECK(site.send(request).status == 403);
}
