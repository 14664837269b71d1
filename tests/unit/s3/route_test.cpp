// Which of AWS's operations a request means, and what is refused before any of them.
#include "emulator/s3/operation.hpp"
#include "tests/catch.hpp"

#include <algorithm>
#include <set>

using namespace benchtop;
using namespace benchtop::s3;

namespace {

struct Routed {
    std::string name; // of the operation, or "CODE message"
    int status = 0;   // of a refusal
    std::string extra;
    std::string allow;
};

Routed route_of(
    std::string method,
    std::string target,
    const std::vector<std::pair<std::string, std::string>>& headers = {}
) {
    RequestHead head;
    head.method = std::move(method);
    head.target = std::move(target);
    head.headers.add("Host", "localhost");
    for (const auto& [name, value] : headers) {
        head.headers.add(name, value);
    }
    const auto where = resolve_target(head);
    REQUIRE(where.has_value());
    const auto operation = route(head, *where, Query::parse(head.query()));
    if (operation) {
        return {std::string((*operation)->name), 0, "", ""};
    }
    const AwsError error = operation.error(); // error() gives a copy: keep it for the loops
    Routed routed{error.code() + " " + error.message(), error.status(), "", ""};
    for (const auto& [name, value] : error.extra()) {
        routed.extra += name + "=" + value + ";";
    }
    for (const auto& [name, value] : error.headers()) {
        if (name == "Allow") {
            routed.allow = value;
        }
    }
    return routed;
}

} // namespace

TEST_CASE("Method, level and header pick the object operations", "[s3][route]") {
    CHECK(route_of("PUT", "/b/k").name == "PutObject");
    CHECK(route_of("PUT", "/b/k?x-id=PutObject&anything=1").name == "PutObject");
    CHECK(route_of("PUT", "/b/k", {{"x-amz-copy-source", "b/s"}}).name == "CopyObject");
    CHECK(route_of("PUT", "/b/k?x-amz-copy-source=b/s&X-Amz-Signature=1").name == "CopyObject");
    CHECK(route_of("PUT", "/b/k?x-amz-copy-source=b/s").name == "PutObject");
    CHECK(route_of("GET", "/b/k").name == "GetObject");
    CHECK(route_of("GET", "/b/k?UploadId=1").name == "GetObject");
    CHECK(route_of("HEAD", "/b/k").name == "HeadObject");
    CHECK(route_of("DELETE", "/b/k").name == "DeleteObject");
}

TEST_CASE("Selectors pick the operations on multipart uploads", "[s3][route]") {
    CHECK(route_of("POST", "/b/k?uploads").name == "CreateMultipartUpload");
    CHECK(route_of("PUT", "/b/k?partNumber=1&uploadId=u").name == "UploadPart");
    CHECK(
        route_of("PUT", "/b/k?partNumber=1&uploadId=u", {{"x-amz-copy-source", "b/s"}}).name ==
        "UploadPartCopy"
    );
    CHECK(route_of("POST", "/b/k?uploadId=u").name == "CompleteMultipartUpload");
    CHECK(route_of("DELETE", "/b/k?uploadId=u").name == "AbortMultipartUpload");
    CHECK(route_of("GET", "/b/k?uploadId=u").name == "ListParts");
    CHECK(route_of("GET", "/b?uploads").name == "ListMultipartUploads");
}

TEST_CASE("Sub-resources are routed; what is not built is refused by name", "[s3][route]") {
    struct Row {
        const char* method;
        const char* target;
        const char* name;
    };

    const Row rows[] = {
        {"PUT", "/b/k?acl", "PutObjectAcl"},
        {"GET", "/b/k?tagging=", "GetObjectTagging"},
        {"GET", "/b/k?attributes", "GetObjectAttributes"},
        {"PUT", "/b?versioning", "PutBucketVersioning"},
        {"GET", "/b?versions", "ListObjectVersions"},
        {"PUT", "/b?cors", "PutBucketCors"},
        {"DELETE", "/b?website=1", "DeleteBucketWebsite"},
        // Without their names these would create, delete, list or overwrite something else.
        {"PUT", "/b?abac", "PutBucketAbac"},
        {"DELETE", "/b?metadataTable", "DeleteBucketMetadataTableConfiguration"},
        {"POST", "/b?metadataConfiguration", "CreateBucketMetadataConfiguration"},
        {"PUT", "/b?metadataInventoryTable", "UpdateBucketMetadataInventoryTableConfiguration"},
        {"PUT", "/b?metadataJournalTable", "UpdateBucketMetadataJournalTableConfiguration"},
        {"PUT", "/b?metadataAnnotationTable", "UpdateBucketMetadataAnnotationTableConfiguration"},
        {"PUT", "/b/k?renameObject", "RenameObject"},
        {"PUT", "/b/k?encryption", "UpdateObjectEncryption"},
        {"PUT", "/b/k?annotation&annotationName=a", "PutObjectAnnotation"},
        {"GET", "/b/k?annotation&annotationName=a", "GetObjectAnnotation"},
        {"GET", "/b/k?annotation", "ListObjectAnnotations"},
    };
    for (const auto& row : rows) {
        INFO(row.target);
        const auto routed = route_of(row.method, row.target);
        const bool is_built =
            std::ranges::find(operations(), row.name, &Operation::name) != operations().end();
        if (is_built) {
            CHECK(routed.name == row.name);
            continue;
        }
        CHECK(routed.status == 501);
        CHECK(
            routed.name ==
            "NotImplemented " + std::string(row.name) + " is not implemented by Benchtop yet."
        );
    }
    CHECK(
        route_of("POST", "/b", {{"Content-Type", "multipart/form-data; boundary=x"}}).name ==
        "PostObject"
    );
}

TEST_CASE("Methods a resource does not have", "[s3][route]") {
    const std::string not_allowed =
        "MethodNotAllowed The specified method is not allowed against this resource.";
    const auto patch = route_of("PATCH", "/b/k");
    CHECK(patch.status == 405);
    CHECK(patch.name == not_allowed);
    CHECK(patch.extra == "Method=PATCH;ResourceType=OBJECT;");
    CHECK(patch.allow == "HEAD, DELETE, POST, GET, PUT");
    const auto service = route_of("POST", "/");
    CHECK(service.extra == "Method=POST;ResourceType=SERVICE;");
    CHECK(service.allow == "GET");
    CHECK(route_of("HEAD", "/").status == 405);
    CHECK(route_of("POST", "/b/k").extra == "Method=POST;ResourceType=OBJECT;");
    // A sub-resource that does not belong here must never fall through to the object itself.
    CHECK(route_of("DELETE", "/b/k?policy").name == not_allowed);
    CHECK(route_of("DELETE", "/b?location").name == not_allowed);
    CHECK(route_of("PUT", "/b/k?uploadId=u").name == not_allowed);
    const auto form = route_of("POST", "/b");
    CHECK(form.status == 412);
    CHECK(form.extra == "Condition=Bucket POST must be of the enclosure-type multipart/form-data;");
    CHECK(
        route_of("PUT", "/b/k?partNumber=1").name ==
        "InvalidArgument This operation does not accept partNumber without uploadId"
    );
}

TEST_CASE("HEAD of a sub-resource is 405 with what it allows", "[s3][route]") {
    struct Row {
        const char* target;
        const char* allow;
    };

    const Row rows[] = {
        {"/b?location", "GET"},
        {"/b?uploads", "POST, GET"},
        {"/b?versioning", "GET, PUT"},
        {"/b?acl", "GET, PUT"},
        {"/b/k?acl", "GET, PUT"},
        {"/b?tagging", "DELETE, GET, PUT"},
        {"/b/k?tagging", "DELETE, GET, PUT"},
        {"/b?policy", "DELETE, GET, PUT"},
        {"/b?versions", "GET"},
        {"/b/k?uploadId=u", "DELETE, POST, GET"},
    };
    for (const auto& row : rows) {
        INFO(row.target);
        const auto routed = route_of("HEAD", row.target);
        CHECK(routed.status == 405);
        CHECK(routed.name == " ");
        CHECK(routed.allow == row.allow);
    }
}

TEST_CASE("Two sub-resources conflict", "[s3][route]") {
    const auto routed = route_of("GET", "/b?uploads&versioning");
    CHECK(routed.status == 400);
    CHECK(
        routed.name == "InvalidArgument Conflicting query string parameters: uploads, versioning"
    );
    CHECK(routed.extra == "ArgumentName=ResourceType;ArgumentValue=uploads;");
    CHECK(
        route_of("GET", "/b/k?versions").name ==
        "InvalidRequest There is no such thing as the ?versions sub-resource for a key"
    );
    CHECK(
        route_of("GET", "/b/k?uploads").name ==
        "InvalidRequest Key is not expected for the GET method ?uploads subresource"
    );
}

TEST_CASE("Every row of the table is one of AWS's operations and complete", "[s3][route]") {
    const auto known = operations_of_aws();
    CHECK(known.size() > 80);
    std::set<std::string_view> names;
    for (const auto& operation : operations()) {
        INFO(operation.name);
        CHECK(names.insert(operation.name).second);
        CHECK(std::ranges::find(known, operation.name) != known.end());
        CHECK(operation.decode != nullptr);
        CHECK(operation.access_requests != nullptr);
        CHECK((operation.decode_document != nullptr) == (operation.body == BodyKind::Document));
        CHECK((operation.read != nullptr) == (operation.access == Access::Read));
        CHECK((operation.write != nullptr) == (operation.access == Access::Write));
    }
}
