// The tests of objects look at what is raised, not at what becomes of it: this raise_event takes
// the place of the library's.
#include "tests/unit/s3/object_fixture.hpp"

namespace benchtop::s3 {

void raise_event(
    store::WriteTx&, const service::OpContext&, const store::Bucket&, const ObjectEvent& event
) {
    test::raised_events().push_back(event);
}

} // namespace benchtop::s3
