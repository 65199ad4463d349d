/* SPDX-License-Identifier: MIT
 * How this library lays out each public struct, for bindings that are not compiled against its headers.
 * tests/abi.sh holds the list against the headers. */
#include "torcht1.h"

#include "tt1_analysis.h"
#include "tt1_bids.h"
#include "tt1_design.h"
#include "tt1_dicom.h"
#include "tt1_file.h"
#include "tt1_image.h"
#include "tt1_input.h"
#include "tt1_json.h"
#include "tt1_mapping.h"
#include "tt1_measure.h"
#include "tt1_network.h"
#include "tt1_report.h"
#include "tt1_simulate.h"

#define STRUCT(type)       \
  {                        \
#    type, sizeof(type), 0 \
  }
#define VERSIONED(type, version) \
  {                              \
#    type, sizeof(type), version \
  }

const tt1_abi *tt1_abi_at(int index)
{
  /* clang-format off */
  static const tt1_abi structs[] = {
    /* torcht1.h */
    STRUCT(tt1_abi),
    STRUCT(tt1_error),
    STRUCT(tt1_parameter),
    STRUCT(tt1_known),
    STRUCT(tt1_map),
    STRUCT(tt1_change),
    STRUCT(tt1_device_info),
    VERSIONED(tt1_device_options, TT1_DEVICE_OPTIONS_VERSION),
    STRUCT(tt1_known_values),
    STRUCT(tt1_design),
    VERSIONED(tt1_plan_options, TT1_PLAN_OPTIONS_VERSION),
    STRUCT(tt1_voxel_map),
    STRUCT(tt1_series),
    STRUCT(tt1_output),
    /* tt1_json.h */
    STRUCT(tt1_json),
    /* tt1_file.h */
    STRUCT(tt1_variable),
    /* tt1_image.h */
    STRUCT(tt1_geometry),
    STRUCT(tt1_found_text),
    STRUCT(tt1_origin),
    STRUCT(tt1_inversions),
    STRUCT(tt1_study_series),
    /* tt1_bids.h */
    STRUCT(tt1_bids_description),
    VERSIONED(tt1_bids_options, TT1_BIDS_OPTIONS_VERSION),
    STRUCT(tt1_bids_series),
    STRUCT(tt1_bids_facts),
    /* tt1_dicom.h */
    VERSIONED(tt1_dicom_series, TT1_DICOM_SERIES_VERSION),
    VERSIONED(tt1_dicom_map, TT1_DICOM_MAP_VERSION),
    /* tt1_input.h */
    VERSIONED(tt1_read_options, TT1_READ_OPTIONS_VERSION),
    /* tt1_mapping.h */
    STRUCT(tt1_option),
    STRUCT(tt1_mapped),
    STRUCT(tt1_mapping_result),
    STRUCT(tt1_dataset_row),
    VERSIONED(tt1_dataset_events, TT1_DATASET_EVENTS_VERSION),
    STRUCT(tt1_dataset_report),
    STRUCT(tt1_provenance),
    /* tt1_measure.h */
    VERSIONED(tt1_regions_request, TT1_REGIONS_REQUEST_VERSION),
    STRUCT(tt1_region_row),
    STRUCT(tt1_regions_result),
    VERSIONED(tt1_ecv_request, TT1_ECV_REQUEST_VERSION),
    STRUCT(tt1_ecv_row),
    STRUCT(tt1_ecv_result),
    VERSIONED(tt1_comparison_request, TT1_COMPARISON_REQUEST_VERSION),
    STRUCT(tt1_comparison_result),
    /* tt1_analysis.h */
    STRUCT(tt1_interval),
    STRUCT(tt1_summary),
    STRUCT(tt1_agreement),
    STRUCT(tt1_map_pair),
    STRUCT(tt1_region),
    STRUCT(tt1_band),
    STRUCT(tt1_map_comparison),
    STRUCT(tt1_region_maps),
    STRUCT(tt1_region_summary),
    STRUCT(tt1_aha_slice),
    STRUCT(tt1_estimate),
    STRUCT(tt1_ecv_blood),
    STRUCT(tt1_ecv),
    STRUCT(tt1_ecv_maps),
    /* tt1_design.h */
    STRUCT(tt1_design_tissue),
    STRUCT(tt1_movable),
    VERSIONED(tt1_optimise_options, TT1_OPTIMISE_OPTIONS_VERSION),
    STRUCT(tt1_optimum),
    /* tt1_network.h */
    STRUCT(tt1_network_input),
    VERSIONED(tt1_protocol, TT1_PROTOCOL_VERSION),
    VERSIONED(tt1_training_options, TT1_TRAINING_OPTIONS_VERSION),
    /* tt1_report.h */
    STRUCT(tt1_picture),
    STRUCT(tt1_bullseye),
    STRUCT(tt1_pictures),
    STRUCT(tt1_bland_altman),
    STRUCT(tt1_curve),
    STRUCT(tt1_rule),
    STRUCT(tt1_axis),
    STRUCT(tt1_panel),
    STRUCT(tt1_chart),
    /* tt1_simulate.h */
    STRUCT(tt1_tissue),
    STRUCT(tt1_heart),
    STRUCT(tt1_sequence),
    VERSIONED(tt1_simulation_options, TT1_SIMULATION_OPTIONS_VERSION),
    STRUCT(tt1_heart_slice),
    STRUCT(tt1_volunteer),
  };
  /* clang-format on */
  const int count = sizeof structs / sizeof *structs;
  return index >= 0 && index < count ? &structs[index] : 0;
}
