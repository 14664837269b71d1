// Sub-resources of a bucket of which there are many, each a document with an id (?inventory&id=x).
// Benchtop keeps and lists them as S3 does; it writes no reports and counts no metrics.
#pragma once

#include "emulator/s3/bucket_document.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace benchtop::s3 {

struct KeyedDocument {
    std::string_view selector; // a document's setting is named "SELECTOR/ID"
    std::string_view list_root;
    DocumentOperation get;
    DocumentOperation put;
    DocumentOperation remove;
    DocumentOperation list;
    Result<std::string> (*parse)(std::string_view xml);
    // What a document whose Id is not the one of the request is refused with.
    AwsError (*other_id)();
    // Further rules; null for none.
    Result<void> (*check)(std::string_view stored_document) = nullptr;
};

// "Amazon S3 Inventory" and its siblings: at most so many of each.
inline constexpr std::size_t kKeyedDocumentsMax = 1000;
inline constexpr std::size_t kKeyedPage = 100;

Result<std::unique_ptr<Input>> decode_keyed_request(const S3Request& request);
Result<std::unique_ptr<Input>> decode_keyed_list(const S3Request& request);
Result<void> parse_keyed(const KeyedDocument& spec, Input& input, std::string_view xml);
Result<Response> read_keyed(
    const KeyedDocument& spec, const store::ReadTx& tx, const S3Request& request, const Input& input
);
Result<Response> list_keyed(
    const KeyedDocument& spec, const store::ReadTx& tx, const S3Request& request, const Input& input
);
Result<Response> write_keyed(
    const KeyedDocument& spec, store::WriteTx& tx, const S3Request& request, const Input& input
);
Result<Response> delete_keyed(
    const KeyedDocument& spec, store::WriteTx& tx, const S3Request& request, const Input& input
);

template <const KeyedDocument& kDocument>
struct KeyedRows {
    template <const DocumentOperation& kOperation>
    static std::vector<service::AccessRequest>
    access(const S3Request&, const Input&, const store::Bucket* bucket) {
        return {bucket_access(kOperation.iam_action, *bucket)};
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
        made.decode = decode_keyed_request;
        return made;
    }

    static void add(std::vector<Operation>& rows) {
        Operation put = row(kDocument.put, "PUT");
        put.body = BodyKind::Document;
        put.document_max = kBucketDocumentMax;
        put.success_status = 204;
        put.access_requests = access<kDocument.put>;
        put.decode_document = [](Input& input, std::string_view xml) {
            return parse_keyed(kDocument, input, xml);
        };
        put.write = [](store::WriteTx& tx,
                       const service::OpContext&,
                       const S3Request& request,
                       Input& input,
                       StagedObject*) { return write_keyed(kDocument, tx, request, input); };
        rows.push_back(put);

        Operation get = row(kDocument.get, "GET");
        get.access = Access::Read;
        get.access_requests = access<kDocument.get>;
        get.read = [](const store::ReadTx& tx,
                      const service::OpContext&,
                      const S3Request& request,
                      Input& input) { return read_keyed(kDocument, tx, request, input); };
        rows.push_back(get);

        Operation list = row(kDocument.list, "GET");
        list.access = Access::Read;
        list.decode = decode_keyed_list;
        list.access_requests = access<kDocument.list>;
        list.read = [](const store::ReadTx& tx,
                       const service::OpContext&,
                       const S3Request& request,
                       Input& input) { return list_keyed(kDocument, tx, request, input); };
        rows.push_back(list);

        Operation erase = row(kDocument.remove, "DELETE");
        erase.success_status = 204;
        erase.access_requests = access<kDocument.remove>;
        erase.write = [](store::WriteTx& tx,
                         const service::OpContext&,
                         const S3Request& request,
                         Input& input,
                         StagedObject*) { return delete_keyed(kDocument, tx, request, input); };
        rows.push_back(erase);
    }
};

// The rows of inventory, analytics, metrics and intelligent-tiering configurations.
std::vector<Operation> keyed_document_operations();

} // namespace benchtop::s3
