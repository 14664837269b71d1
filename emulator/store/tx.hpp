// Transactions. An operation is a plain function of a ReadTx or a WriteTx: it never begins, commits
// or suspends, and sees one consistent state. WriteTx runs on the writer only; everything an
// operation changes, outgoing events included, commits together or not at all.
//
// Repositories are thin typed faces of the tables: no rule of any AWS service lives here. A method
// that finds nothing returns nullopt; an SQLite failure throws StoreFailure (a bug or a broken
// disk, never an answer of AWS), which the request boundary turns into 500 InternalError.
#pragma once

#include "emulator/core/http.hpp"
#include "emulator/core/time_axis.hpp"
#include "emulator/store/rows.hpp"
#include "emulator/store/staged_body.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace benchtop::store {

enum class Sql : std::size_t; // statements.def
class Connection;             // one SQLite handle with its prepared statements (connection.hpp)

class StoreFailure : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// What a scan visitor wants next.
struct ScanStep {
    enum class Kind { Next, Stop, SkipTo } kind = Kind::Next;
    std::string skip_to; // first key to look at (inclusive), for SkipTo

    static ScanStep next() { return {}; }

    static ScanStep stop() { return {Kind::Stop, {}}; }

    static ScanStep to(std::string key) { return {Kind::SkipTo, std::move(key)}; }
};

// Ended uploads beyond this many are forgotten, the oldest first.
inline constexpr std::size_t kEndedUploadsMax = 1000;

// What becomes of the live version that a new one takes the place of. Kept: it becomes noncurrent,
// unless it has the id of the new one, which replaces whatever had that id.
enum class Displaced { Released, Kept };

class ReadTx {
public:
    explicit ReadTx(Connection& connection)
        : connection_(connection) {}

    ReadTx(const ReadTx&) = delete;
    ReadTx& operator=(const ReadTx&) = delete;

    // --- accounts and identities
    // Accounts exist as soon as they are named; ids are derived from the number.
    Account account(std::string_view id) const;
    std::optional<AccessKey> find_access_key(std::string_view access_key_id) const;
    std::optional<User> find_user(std::string_view account, std::string_view name) const;
    std::optional<Role> find_role(std::string_view account, std::string_view name) const;
    std::vector<InlinePolicy>
    inline_policies(PrincipalKind kind, std::string_view account, std::string_view name) const;
    std::vector<User> list_users(std::string_view account) const; // by name
    std::vector<Role> list_roles(std::string_view account) const; // by name
    // Long-term keys of a user, by id; `user` "" gives the root user's.
    std::vector<AccessKey> list_access_keys(std::string_view account, std::string_view user) const;

    // --- buckets
    std::optional<Bucket> find_bucket(std::string_view name) const;
    std::vector<Bucket> list_buckets(std::string_view account) const; // by name
    std::vector<Bucket> all_buckets() const;                          // by name
    bool has_objects(BucketId bucket) const;                          // live current versions
    bool has_versions(BucketId bucket) const; // noncurrent versions, delete markers

    // --- objects: the live current version of a key; none when that is a delete marker
    std::optional<Object> find_object(BucketId bucket, std::string_view key) const;
    // Visits objects in byte order of their keys, starting at `from` (inclusive). SkipTo re-seeks,
    // so that a delimiter listing costs as many steps as it has rows in its answer.
    void scan_objects(
        BucketId bucket, std::string_view from, const std::function<ScanStep(const Object&)>& visit
    ) const;

    // --- versions, delete markers included; `version_id` "" is the null version
    std::optional<Object>
    find_version(BucketId bucket, std::string_view key, std::string_view version_id) const;
    // The current version of the key, be it a marker.
    std::optional<Object> current_version(BucketId bucket, std::string_view key) const;
    // Visits versions by key, newest first within a key, starting at `from` (inclusive); of `from`
    // itself only what is older than the sequencer `before` ("" for all). `current`: it is the
    // newest of its key. SkipTo re-seeks.
    void scan_versions(
        BucketId bucket,
        std::string_view from,
        std::string_view before,
        const std::function<ScanStep(const Object&, bool current)>& visit
    ) const;

    // --- bodies
    // nullopt: a file vanished between snapshot and open (deleted meanwhile): retry with a new
    // snapshot. A slice is cut at the body's end.
    std::optional<BodyContent> open_body(const BodySlice& slice) const;

    std::optional<BodyContent> open_body(BodyId body) const {
        return open_body(BodySlice{body, 0, UINT64_MAX});
    }

    // Parts of a multipart upload's body after part `after` (0: from the first), at most `limit`.
    std::vector<BodyPart> body_parts(BodyId body, int after, std::size_t limit) const;

    // --- multipart uploads
    std::optional<Upload> find_upload(std::string_view id) const;
    // Visits open uploads by key and age, starting at key `from` (inclusive). SkipTo re-seeks.
    void scan_uploads(
        BucketId bucket, std::string_view from, const std::function<ScanStep(const Upload&)>& visit
    ) const;
    std::optional<UploadPart> find_upload_part(std::string_view upload, int number) const;
    std::vector<UploadPart>
    upload_parts(std::string_view upload, int after, std::size_t limit) const; // by number

    // --- documents: texts a service keeps by name, such as a managed policy. A space is a
    // service's own ("iam/policy/111122223333"); keys are ordered by their bytes.
    std::optional<std::string> find_document(std::string_view space, std::string_view key) const;
    // Visits documents from key `from` (inclusive) until the visitor returns false.
    void scan_documents(
        std::string_view space,
        std::string_view from,
        const std::function<bool(std::string_view key, std::string_view text)>& visit
    ) const;

    // --- functions and APIs
    std::optional<Function> find_function(
        std::string_view account,
        std::string_view region,
        std::string_view name,
        std::string_view version = kLatestVersion
    ) const;
    std::vector<Function> list_functions(std::string_view account
    ) const; // $LATEST, by region, name
    // $LATEST first, then by number.
    std::vector<Function> list_function_versions(
        std::string_view account, std::string_view region, std::string_view name
    ) const;
    std::optional<FunctionAlias> find_function_alias(
        std::string_view account,
        std::string_view region,
        std::string_view function,
        std::string_view alias
    ) const;
    std::vector<FunctionAlias> list_function_aliases(
        std::string_view account, std::string_view region, std::string_view function
    ) const; // by name
    // Some version of some function has this code.
    bool is_function_code(std::string_view code) const;
    std::optional<HttpApi> find_api(std::string_view api_id) const;
    std::vector<HttpApi> list_apis() const; // by creation

    // --- deliveries
    std::optional<Delivery> find_delivery(std::int64_t id) const;
    // Newest first; `bucket`/`key` "" for any.
    std::vector<Delivery>
    list_deliveries(std::string_view bucket, std::string_view key, std::size_t limit) const;
    std::vector<Delivery> pending_deliveries() const; // oldest first

    // --- CloudWatch Logs; `group` is logs/'s own name for a group
    // Visits events by time, those of one stream or (stream "") of the whole group, with
    // from <= at < to, until the visitor returns false. `newest_first` turns the order around.
    void scan_log_events(
        std::string_view group,
        std::string_view stream,
        UtcInstant from,
        UtcInstant to,
        bool newest_first,
        const std::function<bool(const LogEvent&)>& visit
    ) const;

    // --- settings
    std::optional<std::string> setting(std::string_view name) const;
    TimeAxis time_axis() const;

protected:
    Connection& connection_;
};

class WriteTx : public ReadTx {
public:
    using ReadTx::ReadTx;

    // --- identities: each replaces an existing row of the same name
    void put_user(const User& user);
    void put_role(const Role& role);
    void put_inline_policy(
        PrincipalKind kind,
        std::string_view account,
        std::string_view name,
        const InlinePolicy& policy
    );
    void delete_inline_policy(
        PrincipalKind kind, std::string_view account, std::string_view name, std::string_view policy
    );
    // With what is attached to them: inline policies, a user's access keys, sessions of a role.
    void delete_user(std::string_view account, std::string_view name);
    void delete_role(std::string_view account, std::string_view name);
    void put_access_key(const AccessKey& key);
    void delete_access_key(std::string_view access_key_id);

    // --- buckets
    // `bucket.id` is ignored; the new id is returned.
    BucketId create_bucket(const Bucket& bucket);
    // Must have neither objects nor versions; its uploads go with it.
    void delete_bucket(BucketId bucket);
    void set_bucket_notification(BucketId bucket, std::string_view text);
    void set_bucket_policy(BucketId bucket, std::string_view text);
    // Any other sub-resource (Bucket::settings); nullopt deletes it.
    void set_bucket_setting(
        BucketId bucket, std::string_view name, std::optional<std::string_view> text
    );

    // --- bodies: reference-counted, immutable. An object row holds one reference to its body.
    // Adopts the staged body with zero references; put_object adds the first. Size 0 gives 0.
    BodyId add_body(StagedBody& body);
    // A body of slices of others, in their order: no byte is copied. It holds references to the
    // plain bodies the slices lie in. Size 0 gives 0.
    BodyId compose_body(const std::vector<BodySlice>& slices, const std::vector<BodyPart>& parts);

    // --- objects and versions; all keep reference counts right
    // Makes `object` the live current version.
    void
    put_object(BucketId bucket, const Object& object, Displaced displaced = Displaced::Released);
    // Adds a version that is noncurrent from the start: `object` is older than the current version
    // by its sequencer.
    void put_noncurrent_version(BucketId bucket, const Object& object);
    // Makes `marker` the current version.
    void put_delete_marker(BucketId bucket, const Object& marker, Displaced displaced);
    // Deletes the live current version, nothing else: no version takes its place. true when there
    // was one. For buckets that never had versions; else see delete_version.
    bool delete_object(BucketId bucket, std::string_view key);
    // Deletes one version for good; when it was the current one, the next newest becomes it.
    // nullopt: there is none. Otherwise what was deleted.
    std::optional<Object>
    delete_version(BucketId bucket, std::string_view key, std::string_view version_id);
    // Stores what may change of a version in place: tags, acl, lock, encryption, storage class.
    void update_version(BucketId bucket, const Object& object);

    // --- multipart uploads
    // Of uploads that have ended, the newest kEndedUploadsMax of the whole store are remembered.
    void put_upload(const Upload& upload);
    // Replaces a part of the same number and releases its body.
    void put_upload_part(std::string_view upload, const UploadPart& part);
    // Releases the parts; the upload itself stays.
    void delete_upload_parts(std::string_view upload);
    // With its parts.
    void delete_upload(std::string_view id);

    // Next sequencer for events: 18 upper-case hex digits, strictly ascending over the whole store.
    std::string next_sequencer(UtcInstant now);

    // --- documents. Changes in spaces that begin with "iam/" make cached identities stale.
    void put_document(std::string_view space, std::string_view key, std::string_view text);
    void delete_document(std::string_view space, std::string_view key);

    // --- functions and APIs
    void put_function(const Function& function);
    // One version; $LATEST takes all versions and aliases with it.
    void delete_function(
        std::string_view account,
        std::string_view region,
        std::string_view name,
        std::string_view version = kLatestVersion
    );
    void put_function_alias(const FunctionAlias& alias);
    void delete_function_alias(
        std::string_view account,
        std::string_view region,
        std::string_view function,
        std::string_view alias
    );
    void put_api(const HttpApi& api);
    void delete_api(std::string_view api_id);

    // --- CloudWatch Logs
    void add_log_event(std::string_view group, const LogEvent& event); // its id is given here
    // Of one stream, or (stream "") of the whole group; those before `before`.
    void delete_log_events(std::string_view group, std::string_view stream, UtcInstant before);

    // --- deliveries
    // Appends; the id is returned. Pending rows are handed to the store's listener after the
    // commit.
    std::int64_t add_delivery(const Delivery& delivery);
    void update_delivery(const Delivery& delivery); // state, attempts, stamps, result

    // Removes everything there is, large bodies and advances of the clock included. Ids and
    // sequencers do not begin anew: what still refers to an old row finds nothing.
    void remove_everything();
    // Every row into a new database, large bodies into the folder `blobs`. Throws StoreFailure.
    void copy_everything_to(const std::string& rows, const std::string& blobs);
    // Instead of everything there is, what copy_everything_to() wrote. Throws StoreFailure.
    void replace_everything_by(const std::string& rows, const std::string& blobs);

    // --- settings; names beginning with "store." belong to the store
    void set_setting(std::string_view name, std::string_view value);
    void add_advance(const Advance& advance);

private:
    friend class Connection; // tidies up at the end of each job

    void
    delete_principal(Sql sql, PrincipalKind kind, std::string_view account, std::string_view name);
    void displace(BucketId bucket, const Object& by, Displaced displaced);
    bool remove_live(BucketId bucket, std::string_view key);
    void note_deletion(BucketId bucket, std::string_view key);
    void add_version(BucketId bucket, const Object& object);
    std::vector<BodySlice> plain_slices(const BodySlice& slice) const;
    void drop_unreferenced(BodyId body);
    void retain_body(BodyId body);
    void release_body(BodyId body);
};

} // namespace benchtop::store
