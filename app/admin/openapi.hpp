// The description of the admin API that is served and that its tests hold it to.
#pragma once

#include <string_view>

namespace holdfast::admin {

/// openapi.json as it is in the tree: OpenAPI 3.1.
std::string_view openapi_document();

} // namespace holdfast::admin
