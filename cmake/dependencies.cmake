# Everything outside: checked against cmake/packages.txt first, so that what is missing is one message, then found.
find_package(Threads REQUIRED)
find_package(PkgConfig)
if(NOT PKG_CONFIG_FOUND)
  message(FATAL_ERROR "pkg-config is missing. To install it and all the rest: make deps")
endif()

set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS cmake/packages.txt cmake/librdkafka.sh cmake/civetweb.sh)
file(STRINGS cmake/packages.txt rows REGEX "^build .* pkg-config:")
set(missing "")
foreach(row IN LISTS rows)
  string(REGEX MATCH "^build +([^ ]+) +pkg-config:([^ >]+)>=([^ ]+) +(.*)$" _ "${row}")
  set(package ${CMAKE_MATCH_1})
  set(module ${CMAKE_MATCH_2})
  set(minimum ${CMAKE_MATCH_3})
  set(why ${CMAKE_MATCH_4})
  execute_process(COMMAND ${PKG_CONFIG_EXECUTABLE} "${module} >= ${minimum}" RESULT_VARIABLE failed ERROR_QUIET)
  if(failed)
    string(APPEND missing "  ${module} ${minimum} or newer (${package}): ${why}\n")
  endif()
endforeach()
if(missing)
  message(FATAL_ERROR "Missing:\n${missing}To install them: make deps")
endif()

find_package(prometheus-cpp CONFIG REQUIRED COMPONENTS core)
find_package(yaml-cpp CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
pkg_check_modules(re2 REQUIRED QUIET IMPORTED_TARGET re2)
find_package(simdjson CONFIG REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED)
pkg_check_modules(sasl2 REQUIRED QUIET IMPORTED_TARGET libsasl2)
pkg_check_modules(curl REQUIRED QUIET IMPORTED_TARGET libcurl)
pkg_check_modules(zstd REQUIRED QUIET IMPORTED_TARGET libzstd)
find_package(Catch2 3 CONFIG REQUIRED)
include(Catch)

# make_source(script variable ...): the folder that a script prints, when it has made it.
function(make_source script variable)
  execute_process(COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cmake/${script} ${ARGN}
    OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "cmake/${script} failed, see above")
  endif()
  set(${variable} ${folder} PARENT_SCOPE)
endfunction()

# librdkafka: static, with its internal headers in ${RDKAFKA_DIR}/src.
if(KAFKASCOPE_SANITIZER STREQUAL "thread")
  make_source(librdkafka.sh RDKAFKA_DIR thread)
else()
  make_source(librdkafka.sh RDKAFKA_DIR plain)
endif()
add_library(rdkafka STATIC IMPORTED)
set_target_properties(rdkafka PROPERTIES
  IMPORTED_LOCATION ${RDKAFKA_DIR}/src/librdkafka.a
  INTERFACE_INCLUDE_DIRECTORIES ${RDKAFKA_DIR}/include)
target_link_libraries(rdkafka INTERFACE OpenSSL::SSL OpenSSL::Crypto PkgConfig::sasl2 PkgConfig::curl PkgConfig::zstd
  ZLIB::ZLIB Threads::Threads ${CMAKE_DL_LIBS} m)

# CivetWeb: compiled by exporter/web/civetweb_door.c, which includes its one source file and decides its options.
make_source(civetweb.sh CIVETWEB_DIR)
add_library(civetweb INTERFACE)
target_include_directories(civetweb SYSTEM INTERFACE ${CIVETWEB_DIR}/include)
target_link_libraries(civetweb INTERFACE OpenSSL::SSL OpenSSL::Crypto Threads::Threads ${CMAKE_DL_LIBS})
