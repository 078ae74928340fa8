# Writes a header with the revision of the sources, only if it has changed:
#   cmake -D SOURCE=dir -D OUTPUT=revision.h [-D REVISION=given] -P cmake/revision.cmake
#
# The revision is REVISION if given; else the commit that `git archive` wrote to revision.txt; else the checked-out
# commit, with -dirty if a file was changed; else unknown. A surrounding repository that does not contain the sources is
# ignored.
cmake_minimum_required(VERSION 3.25)
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/revision.txt archived LIMIT_COUNT 1)
if(NOT REVISION)
  set(REVISION unknown)
  if(archived MATCHES "^[0-9a-f]+$")
    set(REVISION ${archived})
  elseif(EXISTS ${SOURCE}/.git)
    execute_process(COMMAND git describe --always --dirty --exclude=* WORKING_DIRECTORY ${SOURCE}
      OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed ERROR_QUIET)
    if(NOT failed)
      set(REVISION ${described})
    endif()
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#define KAFKASCOPE_REVISION \"@REVISION@\"\n" @ONLY)
