#pragma once

#include "model/descriptor.h"

namespace kafkascope::web {

using Socket = model::Descriptor;

}  // namespace kafkascope::web
