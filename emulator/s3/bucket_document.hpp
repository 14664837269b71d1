// Sub-resources of a bucket that are one document: put, given back, deleted. What they have in
// common is here; each is a BucketDocument (s3/bucket_documents.cpp), from which its rows of the
// operations table are made.
#pragma once

#include "emulator/s3/ops/common.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace benchtop::s3 {

struct DocumentContext {
    const store::ReadTx& tx;
    const service::OpContext& context;
    const store::Bucket& bucket;
};

// AWS's name of an operation and the action it asks for; name "" when there is no such operation.
struct DocumentOperation {
    std::string_view name;
    std::string_view iam_action;
};

struct BucketDocument {
    std::string_view selector; // also the name of the bucket's setting
    DocumentOperation get;
    DocumentOperation put;
    DocumentOperation remove = {};
    // The document in stored form, by itself. Errors: MalformedXML and the like.
    Result<std::string> (*parse)(std::string_view xml);
    // Checks it against everything else and may change it; "" stores none. Null: nothing to check.
    Result<std::string> (*settle)(const DocumentContext& context, std::string document) = nullptr;
    // What a bucket has to which nothing was ever put; null: nothing.
    std::string (*initial)() = nullptr;
    // The refusal when there is none; null when GET always has an answer.
    AwsError (*missing)(std::string_view bucket) = nullptr;
    // DELETE brings back `initial`; otherwise it leaves nothing.
    bool delete_restores = false;
    int put_status = 200;
};

inline constexpr std::size_t kBucketDocumentMax = 1024 * 1024;

struct DocumentInput : Input {
    std::string document; // in stored form
};

Result<std::unique_ptr<Input>> decode_document_request(const S3Request& request);
Result<void> parse_into(const BucketDocument& spec, Input& input, std::string_view xml);
Result<Response>
read_document(const BucketDocument& spec, const store::ReadTx& tx, const S3Request& request);
Result<Response> write_document(
    const BucketDocument& spec,
    store::WriteTx& tx,
    const service::OpContext& context,
    const S3Request& request,
    const Input& input
);
Result<Response>
delete_document(const BucketDocument& spec, store::WriteTx& tx, const S3Request& request);

// The rows of one sub-resource; functions of a row carry no data, so each document has its own.
template <const BucketDocument& kDocument>
struct DocumentRows {
    template <const DocumentOperation& kOperation>
    static std::vector<service::AccessRequest>
    access(const S3Request&, const Input&, const store::Bucket* bucket) {
        return {bucket_access(kOperation.iam_action, *bucket)};
    }

    static Result<Response>
    read(const store::ReadTx& tx, const service::OpContext&, const S3Request& request, Input&) {
        return read_document(kDocument, tx, request);
    }

    static Result<void> parse(Input& input, std::string_view xml) {
        return parse_into(kDocument, input, xml);
    }

    static Result<Response>
    write(store::WriteTx& tx, const service::OpContext& context, const S3Request& request, Input& input, StagedObject*) {
        return write_document(kDocument, tx, context, request, input);
    }

    static Result<Response>
    remove(store::WriteTx& tx, const service::OpContext&, const S3Request& request, Input&, StagedObject*) {
        return delete_document(kDocument, tx, request);
    }

    static Operation row(const DocumentOperation& operation, std::string_view method) {
        Operation made{};
        made.name = operation.name;
        made.method = method;
        made.level = Level::Bucket;
        made.selector = kDocument.selector;
        made.iam_action = operation.iam_action;
        made.access = Access::Write;
        made.body = BodyKind::Ignored;
        made.decode = decode_document_request;
        return made;
    }

    static void add(std::vector<Operation>& rows) {
        Operation put = row(kDocument.put, "PUT");
        put.body = BodyKind::Document;
        put.document_max = kBucketDocumentMax;
        put.success_status = kDocument.put_status;
        put.access_requests = access<kDocument.put>;
        put.decode_document = parse;
        put.write = write;
        rows.push_back(put);

        Operation get = row(kDocument.get, "GET");
        get.access = Access::Read;
        get.access_requests = access<kDocument.get>;
        get.read = read;
        rows.push_back(get);

        if (!kDocument.remove.name.empty()) {
            Operation erase = row(kDocument.remove, "DELETE");
            erase.success_status = 204;
            erase.access_requests = access<kDocument.remove>;
            erase.write = remove;
            rows.push_back(erase);
        }
    }
};

// The rows of every sub-resource of this kind.
std::vector<Operation> bucket_document_operations();

} // namespace benchtop::s3
