// A POST form on its way in: fields, then the file. The fields stand for the headers PutObject
// would have been sent ("POST Object", Amazon S3 API Reference), so that PostObject is PutObject by
// another road.
#pragma once

#include "emulator/auth/verify.hpp"
#include "emulator/s3/form_reader.hpp"
#include "emulator/s3/object_body.hpp"
#include "emulator/s3/target.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace benchtop::s3 {

struct PostForm {
    RequestHead request;            // the request's head, with the fields for its headers
    std::vector<std::string> names; // of the fields, as sent
    std::string key;
};

// Replaces ${filename} and makes the request. Errors: InvalidArgument for the key, KeyTooLongError,
// MaxPostPreDataLengthExceeded when the fields grow too large by it.
Result<PostForm> make_post_form(const RequestHead& head, const Form& form);

// What the form's policy allows; an anonymous form has none. Its expiration is judged on the lab's
// clock: by the age of the form, which is as old as its x-amz-date (auth/form.hpp). Gives the sizes
// the file may have. Errors: InvalidPolicyDocument, AccessDenied.
Result<SizeRange> check_post_policy(
    const PostForm& form,
    const Target& target,
    const auth::Authenticated& authenticated,
    const TimeAxis& axis
);

class FormUpload final : private FormReader::Listener {
public:
    // Called when the fields are complete; gives the body the file goes into, which must live as
    // long as the upload.
    using Admit = std::function<Result<ObjectBody*>(PostForm form)>;

    // Errors: NotImplemented (chunked), MissingContentLength, EntityTooLarge, MalformedPOSTRequest.
    static Result<std::unique_ptr<FormUpload>> begin(const RequestHead& head, Admit admit);

    // Errors: of FormReader, of make_post_form() and of `admit`; all final.
    Result<void> feed(ByteView bytes) { return reader_.feed(bytes, *this); }

    // The request is complete, and so is the file.
    Result<void> finish() const { return reader_.finish(); }

private:
    FormUpload(const RequestHead& head, std::string_view boundary, Admit admit);

    Result<void> file_begins(const Form& form) override;
    Result<void> file_data(ByteView bytes) override;

    const RequestHead& head_;
    FormReader reader_;
    Admit admit_;
    ObjectBody* body_ = nullptr;
};

} // namespace benchtop::s3
