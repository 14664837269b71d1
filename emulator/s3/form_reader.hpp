// multipart/form-data as a browser sends it (RFC 7578), read in one pass without I/O: the fields
// are kept (bounded), the file passes through. A part named "file" is the file; what follows it is
// read over. Sources: "POST Object" and "Browser-based uploads using POST", Amazon S3; answers of
// S3's quoted in public threads.
#pragma once

#include "emulator/core/encoding.hpp"
#include "emulator/core/http.hpp"
#include "emulator/core/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchtop::s3 {

struct Form {
    std::vector<std::pair<std::string, std::string>> fields; // names as sent, in their order
    std::optional<std::string> filename; // of the file part, without its folders
};

class FormReader {
public:
    // What precedes the file may have so many bytes.
    static constexpr std::size_t kFrontMax = 20480;

    class Listener {
    public:
        virtual ~Listener() = default;
        // The fields are complete.
        virtual Result<void> file_begins(const Form& form) = 0;
        virtual Result<void> file_data(ByteView bytes) = 0;
    };

    // The boundary a Content-Type of multipart/form-data names; nullopt: none that can be one.
    static std::optional<std::string> boundary_of(std::string_view content_type);

    explicit FormReader(std::string_view boundary);

    // The next bytes of the body. Errors: MalformedPOSTRequest, MaxPostPreDataLengthExceeded,
    // InvalidArgument for a second file, and the listener's, all final.
    Result<void> feed(ByteView bytes, Listener& listener);
    // The body is complete. MalformedPOSTRequest, InvalidArgument without a file.
    Result<void> finish() const;

private:
    enum class State { Preamble, AfterDelimiter, HeaderLine, Data, Epilogue };
    enum class Part { Field, File, Other };

    Result<void> read_data(ByteView& bytes, Listener& listener);
    Result<void> take_data(ByteView data, Listener& listener);
    Result<void> read_line(ByteView& bytes, Listener& listener);
    Result<void> end_of_line(Listener& listener);
    Result<void> begin_part(Listener& listener);
    Result<void> count_front(std::size_t bytes);

    std::string delimiter_; // CR LF "--" boundary
    State state_ = State::Preamble;
    // Bytes of the delimiter seen so far; the body begins at the beginning of a line.
    std::size_t matched_ = 2;
    std::size_t carried_ = 2; // how many of them are no longer in the bytes at hand
    std::string line_;
    std::string disposition_;     // of the part whose headers are being read
    bool in_disposition_ = false; // a folded line would continue it
    Part part_ = Part::Other;
    bool file_seen_ = false;
    std::size_t front_ = 0; // bytes before the file
    Form form_;
};

} // namespace benchtop::s3
