/* SPDX-License-Identifier: MIT
 * What each vendor writes, made after the documented elements: Philips and Siemens XA in enhanced
 * files, private times, preparations in comments and protocols, GE's kinds. docs/formats.md tells
 * which of these were also met in real files. */
#include "dicom_support.h"

enum { SIEMENS, PHILIPS, MAX_FRAMES_HERE = 64 };

/* One frame of an enhanced file. Times are in ms; negative ones are left out. */
typedef struct frame_spec {
  double ti, trigger_delay, slope, scale;
  int slice, stored, is_phase;
  const char *comment, *moment; /* or NULL */
} frame_spec;

typedef struct file_spec {
  int vendor, n_frames, instance;
  frame_spec frames[MAX_FRAMES_HERE];
} file_spec;

static void put_one(tt1__dicom_draft *draft, tt1__tag tag, const char type[2], double value)
{
  tt1__dicom_put_numbers(draft, tag, type, &value, 1);
}

static void put_decimal(tt1__dicom_draft *draft, tt1__tag tag, double value)
{
  char text[24];
  snprintf(text, sizeof text, "%.6g", value);
  tt1__dicom_put_text(draft, tag, "DS", text);
}

static void put_shared(tt1__dicom_draft *draft)
{
  tt1__dicom_begin_item(draft, 0x52009229);
  tt1__dicom_begin_item(draft, 0x00289110); // pixel measures
  put(draft, 0x00280030, "DS", "1.5\\2");
  put(draft, 0x00180050, "DS", "8");
  tt1__dicom_end_item(draft);
  tt1__dicom_begin_item(draft, 0x00209116); // plane orientation
  put(draft, 0x00200037, "DS", "1\\0\\0\\0\\1\\0");
  tt1__dicom_end_item(draft);
  tt1__dicom_begin_item(draft, 0x00189112); // timing
  put(draft, 0x00180080, "DS", "2.5");
  put(draft, 0x00181314, "DS", "35");
  tt1__dicom_end_item(draft);
  tt1__dicom_end_item(draft);
}

/* What Philips keeps of the classic file in each frame: a scale, a time, and elements that stand
 * elsewhere with another meaning. */
static void put_philips(tt1__dicom_draft *draft, const frame_spec *f)
{
  static const double none[] = {0.0, 1.7976931348623157e308};
  tt1__dicom_begin_item(draft, 0x00189115); // modifier
  tt1__dicom_put_numbers(draft, 0x00189079, "FD", none, 2);
  tt1__dicom_end_item(draft);
  put(draft, 0x20050014, "LO", "Philips MR Imaging DD 005");
  tt1__dicom_begin_item(draft, 0x2005140F);
  put(draft, 0x00180082, "DS", "0");
  put(draft, 0x00200013, "IS", "0");
  tt1__dicom_put_number(draft, 0x00280101, 8);
  put(draft, 0x20050010, "LO", "Philips MR Imaging DD 001");
  put(draft, 0x20050015, "LO", "Philips MR Imaging DD 004");
  put_one(draft, 0x2005100E, "FL", f->scale);
  if (f->ti >= 0.0) put_one(draft, 0x20051572, "FL", f->ti);
  tt1__dicom_end_item(draft);
}

static void put_siemens(tt1__dicom_draft *draft, const frame_spec *f)
{
  if (f->ti < 0.0) return;
  put(draft, 0x00210011, "LO", "SIEMENS MR SDI 02");
  tt1__dicom_begin_item(draft, 0x002111FE);
  put(draft, 0x00210011, "LO", "SIEMENS MR SDI 02");
  put_one(draft, 0x00211189, "FD", f->ti);
  tt1__dicom_end_item(draft);
}

static void put_frame(tt1__dicom_draft *draft, int vendor, const frame_spec *f)
{
  char position[32];
  snprintf(position, sizeof position, "-10\\20\\%d", 5 + 8 * f->slice);
  tt1__dicom_begin_item(draft, 0x52009230);
  tt1__dicom_begin_item(draft, 0x00209111); // content
  put(draft, 0x00189074, "DT", f->moment);
  put(draft, 0x00209158, "LT", f->comment);
  tt1__dicom_end_item(draft);
  tt1__dicom_begin_item(draft, 0x00209113);
  put(draft, 0x00200032, "DS", position);
  tt1__dicom_end_item(draft);
  tt1__dicom_begin_item(draft, 0x00189226); // frame type
  put(draft, 0x00089007, "CS",
      f->is_phase ? "ORIGINAL\\PRIMARY\\PHASE MAP\\P\\IR" : "ORIGINAL\\PRIMARY\\M_IR\\M\\IR");
  put(draft, 0x00089208, "CS", f->is_phase ? "PHASE" : "MAGNITUDE");
  tt1__dicom_end_item(draft);
  tt1__dicom_begin_item(draft, 0x00289145); // values
  put_decimal(draft, 0x00281053, f->slope > 0.0 ? f->slope : 1.0);
  put_decimal(draft, 0x00281052, f->is_phase ? -3141.5927 : 0.0);
  put(draft, 0x00281054, "LO", f->is_phase ? "US" : "normalized");
  tt1__dicom_end_item(draft);
  if (f->trigger_delay > 0.0) {
    tt1__dicom_begin_item(draft, 0x00189118); // synchronisation
    put_one(draft, 0x00209153, "FD", f->trigger_delay);
    tt1__dicom_end_item(draft);
  }
  if (vendor == PHILIPS)
    put_philips(draft, f);
  else
    put_siemens(draft, f);
  tt1__dicom_end_item(draft);
}

static void write_enhanced(const sandbox *s, const char *name, const file_spec *spec)
{
  tt1__dicom_draft *draft = NULL;
  tt1_error err = {0};
  tt1__file file = {0};
  static uint16_t pixels[MAX_FRAMES_HERE * PIXELS];
  picture p = make_picture(1, "0"); // skips where there is no DICOM
  file = picture_bytes(&p);
  tt1__file_free(&file);
  assert_int_equal(tt1__dicom_draft_new(&draft, &err), TT1_OK);
  put(draft, 0x00080008, "CS", "ORIGINAL\\PRIMARY\\M\\NONE");
  put(draft, 0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.4.1");
  put(draft, 0x00080018, "UI", "2.25.9");
  put(draft, 0x00080070, "LO", spec->vendor == PHILIPS ? "Philips" : "Siemens Healthineers");
  put(draft, 0x0008103E, "LO", "molli");
  if (spec->vendor == PHILIPS) put(draft, 0x00180082, "DS", "0");
  put(draft, 0x0020000D, "UI", "2.25.1");
  put(draft, 0x0020000E, "UI", "2.25.2");
  put(draft, 0x00200011, "IS", "5");
  put_whole_number(draft, 0x00200013, spec->instance);
  tt1__dicom_put_number(draft, 0x00280002, 1);
  put(draft, 0x00280004, "CS", "MONOCHROME2");
  put_whole_number(draft, 0x00280008, spec->n_frames);
  tt1__dicom_put_number(draft, 0x00280010, SIDE);
  tt1__dicom_put_number(draft, 0x00280011, SIDE);
  tt1__dicom_put_number(draft, 0x00280100, 16);
  tt1__dicom_put_number(draft, 0x00280101, 12);
  tt1__dicom_put_number(draft, 0x00280102, 11);
  tt1__dicom_put_number(draft, 0x00280103, 0);
  put_shared(draft);
  for (int i = 0; i < spec->n_frames; i++) {
    put_frame(draft, spec->vendor, &spec->frames[i]);
    pixels[i * PIXELS] = (uint16_t)spec->frames[i].stored;
  }
  tt1__dicom_put_pixels(draft, pixels, (size_t)spec->n_frames * PIXELS);
  if (tt1__dicom_draft_save(draft, &file.bytes, &file.length, &err) != TT1_OK)
    fail_msg("%s", err.message);
  tt1__dicom_draft_free(draft);
  write_bytes(inside(s, name), file.bytes, file.length);
  tt1__file_free(&file);
}

static void check_times(const tt1_image *image, const char *key, const char *source,
                        const double *expected, int count, int n_slices)
{
  const tt1_known_values *found = tt1_image_find_known(image, key);
  assert_non_null(found);
  assert_string_equal(found->source, source);
  assert_int_equal(found->count, count);
  assert_int_equal(found->n_slices, n_slices);
  for (int i = 0; i < count * n_slices; i++)
    assert_true(fabs(found->values[i] - expected[i]) < 1e-7); // FL
}

static double voxel(const float *data, int image, int slice, int n_slices)
{
  return (double)data[(image * n_slices + slice) * PIXELS];
}

/* ---- Philips ---- */

/* Four images of two slices, each magnitude followed by its phase. */
static file_spec philips_spec(void)
{
  static const double times[] = {120.0, 1120.5, 2121.0, 200.0};
  file_spec spec = {.vendor = PHILIPS, .n_frames = 16, .instance = 1};
  for (int i = 0; i < 16; i++) {
    int image = i / 4;
    spec.frames[i] = (frame_spec){.ti = times[image],
                                  .trigger_delay = 500.0,
                                  .slice = i / 2 % 2,
                                  .is_phase = i % 2,
                                  .scale = 0.01 * (image + 1),
                                  .moment = "20200102101112"};
    spec.frames[i].slope = i % 2 ? 2 * 3141.5927 / 4095 : 1.25 + image;
    spec.frames[i].stored = i % 2 ? image * 1000 : 100 * (image + 1) + i / 2 % 2;
  }
  return spec;
}

static void philips_enhanced_frames_are_told_apart(void **state)
{
  (void)state;
  static const double expected[] = {0.12, 1.1205, 2.121, 0.2};
  file_spec spec = philips_spec();
  sandbox s = sandbox_make();
  write_enhanced(&s, "IM_0001", &spec);
  tt1_image *image = read_ok(s.path, NULL);
  check_times(image, "InversionTime", "(2005,1572) of 4 images", expected, 4, 1);
  assert_int_equal(tt1_image_geometry(image)->size[2], 2);
  assert_string_equal(tt1_image_origin(image)->scaling, "Philips (2005,100e), differs per image");
  assert_string_equal(tt1_image_stored_type(image), "uint12"); // not the 8 bits of (2005,140f)
  assert_non_null(tt1_image_phase(image));
  for (int i = 0; i < 4; i++)
    for (int slice = 0; slice < 2; slice++) {
      double scaled = (100 * (i + 1) + slice) / (0.01 * (i + 1));
      double radians = i * 1000 * 2 * 3.14159265 / 4095 - 3.14159265;
      assert_true(fabs(voxel(tt1_image_data(image), i, slice, 2) / scaled - 1) < 1e-6);
      assert_true(fabs(voxel(tt1_image_phase(image), i, slice, 2) - radians) < 1e-4);
    }
  assert_null(tt1_image_file(image, 1)); // listed once, though it holds both
  tt1_image_free(image);
  remove_tree(s.path);
}

static void trigger_delays_are_taken_only_when_asked_for(void **state)
{
  (void)state;
  static const double expected[] = {0.3, 1.3, 2.3, 3.3};
  tt1_read_options by_trigger = TT1_READ_OPTIONS_INIT;
  by_trigger.times = TT1_TIMES_TRIGGER;
  file_spec spec = philips_spec();
  for (int i = 0; i < 16; i++) {
    spec.frames[i].trigger_delay = 300.0 + 1000.0 * (i / 4);
    spec.frames[i].ti = 0.0;
  }
  sandbox s = sandbox_make();
  write_enhanced(&s, "IM_0001", &spec);
  read_refused(s.path, NULL,
               "only NominalCardiacTriggerDelayTime (0020,9153) varies over its 4 "
               "images, which may be a delay and no recovery time");
  tt1_image *image = read_ok(s.path, &by_trigger);
  check_times(image, "InversionTime", "NominalCardiacTriggerDelayTime (0020,9153) of 4 images",
              expected, 4, 1);
  tt1_image_free(image);
  remove_tree(s.path);
}

static void philips_classic_has_its_time_in_a_private_place(void **state)
{
  (void)state;
  static const double expected[] = {0.1, 1.1, 0.18};
  static const char *const times[] = {"100", "1100", "180"}, *const triggers[] = {"611", "17", "0"};
  static const char *const clock[] = {"101112", "101113.5", "101211"};
  sandbox s = sandbox_make();
  for (int i = 0; i < 3; i++) {
    const char name[] = {(char)('a' + i), '\0'};
    picture p = make_picture(7, "0"); // the same number in all
    p.vendor = "Philips Medical Systems";
    p.trigger = triggers[i];
    p.slope = "1";
    p.philips = "1";
    p.philips_ti = times[i];
    p.time = clock[i]; // in the order of acquisition
    write_picture(&s, name, &p);
  }
  tt1_image *image = read_ok(s.path, NULL);
  check_times(image, "InversionTime", "(2005,1572) of 3 images", expected, 3, 1);
  tt1_image_free(image);
  remove_tree(s.path);
}

/* ---- Siemens XA ---- */

enum { SLICES = 5, IMAGES = 10 };

/* Slices of MyoMaps, each in heart beats of its own. */
static double xa_time(int image, int slice)
{
  return image < 6 ? 120.0 + (1000.0 + 13.5 * slice) * image
                   : 200.0 + (990.0 + 7.25 * slice) * (image - 6);
}

static frame_spec xa_frame(int image, int slice)
{
  static char moments[SLICES * IMAGES][24];
  int turn = slice * IMAGES + image; // slice after slice
  snprintf(moments[turn], sizeof moments[turn], "20240102101%03d.%d", 100 + turn, turn % 10);
  return (frame_spec){.ti = xa_time(image, slice),
                      .slice = slice,
                      .stored = 10 * image + slice,
                      .moment = moments[turn]};
}

static void check_xa(const char *path)
{
  double expected[SLICES * IMAGES];
  for (int slice = 0; slice < SLICES; slice++)
    for (int i = 0; i < IMAGES; i++)
      expected[slice * IMAGES + i] = 1e-3 * xa_time(i, slice);
  tt1_image *image = read_ok(path, NULL);
  check_times(image, "InversionTime", "(0021,1189) of 10 images in each of 5 slices", expected,
              IMAGES, SLICES);
  for (int slice = 0; slice < SLICES; slice++)
    for (int i = 0; i < IMAGES; i++)
      assert_true(fabs(voxel(tt1_image_data(image), i, slice, SLICES) - (10 * i + slice)) < 1e-6);
  tt1_image_free(image);
}

static void xa_slices_may_be_files_in_any_order(void **state)
{
  (void)state;
  sandbox s = sandbox_make(), one = sandbox_make();
  file_spec whole = {.vendor = SIEMENS, .n_frames = SLICES * IMAGES, .instance = 1};
  for (int n = 0; n < SLICES * IMAGES; n++) {
    int k = n * 23 % (SLICES * IMAGES); // neither by slice nor by time
    char name[16];
    snprintf(name, sizeof name, "%02d.dcm", n);
    file_spec spec = {.vendor = SIEMENS, .n_frames = 1, .instance = n + 1};
    spec.frames[0] = whole.frames[n] = xa_frame(k % IMAGES, k / IMAGES);
    write_enhanced(&s, name, &spec);
  }
  write_enhanced(&one, "all.dcm", &whole);
  check_xa(s.path);
  check_xa(one.path);
  check_xa(inside(&s, "07.dcm"));
  remove_tree(s.path);
  remove_tree(one.path);
}

static void xa_as_classic_files(void **state)
{
  (void)state;
  static const char *const times[] = {"100", "1100", "180"};
  static const double expected[] = {0.1, 1.1, 0.18};
  for (int is_private = 0; is_private < 2; is_private++) {
    sandbox s = sandbox_make();
    for (int i = 0; i < 3; i++) {
      const char name[] = {(char)('a' + i), '\0'};
      picture p = make_picture(i + 1, is_private ? NULL : times[i]);
      p.vendor = "Siemens Healthineers";
      if (is_private) p.xa_ti = times[i];
      write_picture(&s, name, &p);
    }
    tt1_image *image = read_ok(s.path, NULL);
    check_times(image, "InversionTime",
                is_private ? "(0021,1189) of 3 images" : "(0018,0082) of 3 images", expected, 3, 1);
    tt1_image_free(image);
    remove_tree(s.path);
  }
}

/* ---- T2 preparation ---- */

static void preparations_stand_in_comments_of_frames(void **state)
{
  (void)state;
  static const char *const comments[] = {"T2 prep. duration = 0 ms", "T2 prep. duration = 25 ms",
                                         "T2 prep. duration = 55 ms"};
  static const double expected[] = {0.0, 0.025, 0.055};
  file_spec spec = {.vendor = SIEMENS, .n_frames = 3, .instance = 1};
  for (int i = 0; i < 3; i++)
    spec.frames[i] = (frame_spec){.ti = -1.0, .comment = comments[i], .stored = i};
  sandbox s = sandbox_make();
  write_enhanced(&s, "a.dcm", &spec);
  tt1_image *image = read_ok(s.path, NULL);
  check_times(image, "T2PreparationTime", "T2 prep. duration in the comment of 3 images", expected,
              3, 1);
  tt1_image_free(image);
  remove_tree(s.path);
}

/* Three images of which only the protocol tells the preparations. */
static tt1_status read_protocol(tt1_image **image, const char *protocol, tt1_error *err)
{
  sandbox s = sandbox_make();
  for (int i = 0; i < 3; i++) {
    const char name[] = {(char)('a' + i), '\0'};
    picture p = make_picture(i + 1, NULL);
    p.protocol = protocol;
    write_picture(&s, name, &p);
  }
  tt1_status status = tt1_image_read(image, s.path, NULL, err);
  remove_tree(s.path);
  return status;
}

static void preparations_stand_in_the_protocol(void **state)
{
  (void)state;
#define NAME "sPrepPulses.adT2PrepDuration"
  static const char *const told[] = {
      "x\n" NAME ".__attribute__.size\t = \t2\n" NAME "[0]\t = \t25.0\n" NAME "[1]\t = \t55.0\nz",
      "x\n" NAME ".__attribute__.size\t = \t3\n" NAME "[1]\t = \t25.0\n" NAME "[2]\t = \t55.0\nz",
      NAME "[1] = 25\n" NAME "[2] = 55"};
  static const char *const untold[] = {
      NAME ".__attribute__.size\t = \t1\n" NAME "[0]\t = \t40.0\n", // in every protocol
      NAME ".__attribute__.size = 5\n" NAME "[0] = 1\n" NAME "[1] = 2\n",
      NAME "[99999999999999999999] = 1\n" NAME "[-1] = 25\n" NAME "[x] = 1" NAME "[0",
      NAME "[0] = 25.0\n" NAME "[1] = 1.797e308\n", NAME};
  static const double expected[] = {0.0, 0.025, 0.055};
  for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
    tt1_image *image = NULL;
    tt1_error err = {0};
    if (read_protocol(&image, told[i], &err) != TT1_OK) fail_msg("%s", err.message);
    check_times(image, "T2PreparationTime", "the protocol in (0029,1020) of 3 images", expected, 3,
                1);
    assert_non_null(strstr(tt1_image_assumption(image, 0), "the preparations are those of the"));
    tt1_image_free(image);
  }
  for (size_t i = 0; i < sizeof untold / sizeof *untold; i++) {
    tt1_image *image = NULL;
    tt1_error err = {0};
    assert_int_equal(read_protocol(&image, untold[i], &err), TT1_BAD_FILE);
    check_sentence(&err, TT1_BAD_FILE, "no time varies over its 3 images");
  }
#undef NAME
}

/* ---- Inversion times of Siemens that stand in private headers alone ---- */

/* Three images with protocols of their own, or one for all. */
static tt1_status read_protocols(tt1_image **image, const char *const protocols[3], tt1_error *err)
{
  sandbox s = sandbox_make();
  for (int i = 0; i < 3; i++) {
    const char name[] = {(char)('a' + i), '\0'};
    picture p = make_picture(i + 1, NULL);
    p.protocol = protocols[i] ? protocols[i] : protocols[0];
    write_picture(&s, name, &p);
  }
  tt1_status status = tt1_image_read(image, s.path, NULL, err);
  remove_tree(s.path);
  return status;
}

static void inversion_times_stand_in_the_protocol(void **state)
{
  (void)state;
  static const double expected[] = {0.1, 0.9, 0.35};
  static const char *const told[][3] = {
      {"### ASCCONV BEGIN ###\nalTI[0]\t = \t100000\nalTI[1] = 900000\nalTI[2] = 350000\n"},
      {"alTI.__attribute__.size = 8\nalTI[0] = 100000\nalTI[1] = 900000\nalTI[2] = 350000\nx"},
      {"alTI[2] = 350000.0\r\nalTI[0] = 1e5\r\nalTI[1] = 900000"},
      {"a\nalTI[0] = 100000\n", "a\nalTI[0] = 900000\n", "a\nalTI[0] = 350000\n"}};
  static const char *const untold[][3] = {
      {"alTI[0] = 100000\nalTI[1] = 900000\n"}, // as many as there are not
      {"alTI[0] = 100000\nalTI[2] = 350000\n"}, // one is 0
      {"alTI[0] = 100000\nalTI[1] = -5\nalTI[2] = 350000\n"},
      {"xalTI[0] = 100000\ns.alTI[1] = 900000\nalTI[2] = 350000\n"}, // other names
      {"alTI[0] = 100000\n", "alTI[0] = 900000\n", "none\n"},
      {"alTI[0] = 1\nalTI[1] = 2\nalTI[2] = 3\n", "alTI[0] = 1\nalTI[1] = 2\nalTI[2] = 4\n"},
      {"alTI[0] = 100000\n"}, // the same in all
      {"alTI[0]", "alTI", "alTI[4294967296] = 5"}};
  for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
    tt1_image *image = NULL;
    tt1_error err = {0};
    if (read_protocols(&image, told[i], &err) != TT1_OK) fail_msg("%s", err.message);
    check_times(image, "InversionTime", "alTI of the protocol in (0029,1020) of 3 images", expected,
                3, 1);
    assert_non_null(strstr(tt1_image_assumption(image, 0), "are those of the protocol"));
    tt1_image_free(image);
  }
  for (size_t i = 0; i < sizeof untold / sizeof *untold; i++) {
    tt1_image *image = NULL;
    tt1_error err = {0};
    assert_int_equal(read_protocols(&image, untold[i], &err), TT1_BAD_FILE);
    check_sentence(&err, TT1_BAD_FILE, "no time varies over its 3 images");
  }
}

typedef struct csa {
  unsigned char bytes[1024];
  size_t length;
} csa;

static void put_whole_le(csa *c, uint32_t value)
{
  for (int i = 0; i < 4; i++)
    c->bytes[c->length++] = (unsigned char)(value >> 8 * i);
}

static void put_tag(csa *c, int is_new, const char *name, const char *value)
{
  uint32_t length = value ? (uint32_t)strlen(value) + 1 : 0, first = 6;
  memcpy(c->bytes + c->length, name, strlen(name));
  c->length += 64;
  put_whole_le(c, 6); // of the first tag, what older headers count from
  c->length += 8;
  put_whole_le(c, 2);
  put_whole_le(c, 77);
  for (int item = 0; item < 2; item++) {
    uint32_t n = item == 0 ? length : 0;
    put_whole_le(c, is_new ? n : n + first);
    put_whole_le(c, is_new ? n : 77);
    c->length += 8;
    if (n > 0) memcpy(c->bytes + c->length, value, n);
    c->length += (n + 3) / 4 * 4;
  }
}

static csa make_csa(int is_new, const char *value)
{
  csa c = {0};
  if (is_new) memcpy(c.bytes, "SV10\4\3\2\1", 8);
  c.length = is_new ? 8 : 0;
  put_whole_le(&c, 3);
  put_whole_le(&c, 77);
  put_tag(&c, is_new, "EchoLinePosition", "64");
  put_tag(&c, is_new, "InversionTime", value);
  put_tag(&c, is_new, "TimeAfterStart", "0.0");
  return c;
}

static void inversion_times_stand_in_the_header(void **state)
{
  (void)state;
  static const char *const times[] = {"120.0", "1120", "  350.5"};
  static const double expected[] = {0.12, 1.12, 0.3505};
  for (int is_new = 0; is_new < 2; is_new++) {
    sandbox s = sandbox_make();
    csa headers[3];
    for (int i = 0; i < 3; i++) {
      const char name[] = {(char)('a' + i), '\0'};
      picture p = make_picture(i + 1, NULL);
      headers[i] = make_csa(is_new, times[i]);
      p.csa = headers[i].bytes;
      p.csa_length = headers[i].length;
      write_picture(&s, name, &p);
    }
    tt1_image *image = NULL;
    tt1_error err = {0};
    if (tt1_image_read(&image, s.path, NULL, &err) != TT1_OK) fail_msg("%s", err.message);
    check_times(image, "InversionTime",
                "InversionTime of the CSA header in (0029,1010) of 3 images", expected, 3, 1);
    tt1_image_free(image);
    remove_tree(s.path);
  }
}

/* Each byte of a header changed, each length of it: a number or none, and no byte beyond the end. */
static void headers_are_bounded(void **state)
{
  (void)state;
  for (int is_new = 0; is_new < 2; is_new++) {
    csa c = make_csa(is_new, "120");
    assert_true(tt1__csa_number(c.bytes, c.length, "InversionTime") == 120.0);
    assert_true(isnan(tt1__csa_number(c.bytes, c.length, "Inversion")));
    for (size_t length = 0; length <= c.length; length++) {
      unsigned char *copy = malloc(length ? length : 1);
      assert_non_null(copy);
      memcpy(copy, c.bytes, length);
      double value = tt1__csa_number(copy, length, "InversionTime");
      assert_true(isnan(value) || value == 120.0 || value == 12.0 || value == 1.0);
      for (size_t at = 0; at < length && length == c.length; at++)
        for (int k = 0; k < 3; k++) {
          copy[at] = (unsigned char)(c.bytes[at] ^ (k == 0 ? 0x80 : k == 1 ? 0xFF : 1));
          tt1__csa_number(copy, length, "InversionTime");
          copy[at] = c.bytes[at];
        }
      free(copy);
    }
  }
}

/* ---- GE ---- */

static void ge_tells_kinds_in_a_private_number(void **state)
{
  (void)state;
  static const char *const times[] = {"100", "1100", "180"};
  static const tt1_kind kinds[] = {TT1_KIND_MAGNITUDE, TT1_KIND_PHASE, TT1_KIND_REAL,
                                   TT1_KIND_IMAGINARY};
  for (int kind = 0; kind < 4; kind++) {
    sandbox s = sandbox_make();
    for (int i = 0; i < 3; i++) {
      const char name[] = {(char)('a' + i), '\0'};
      picture p = make_picture(i + 1, times[i]);
      p.vendor = "GE MEDICAL SYSTEMS";
      p.type = "ORIGINAL\\PRIMARY\\OTHER";
      p.is_signed = 1;
      p.bits = 16;
      p.ge_kind = kind + 1;
      if (kind == 2 && i == 0) p.stored = -300;
      write_picture(&s, name, &p);
    }
    tt1_study *study = NULL;
    assert_int_equal(tt1_study_open(&study, s.path, NULL, NULL), TT1_OK);
    const tt1_study_series *series = tt1_study_series_at(study, 0);
    assert_int_equal(series->kind, kinds[kind]);
    assert_int_equal(series->is_signed, kind == 2);
    assert_int_equal(series->refused == NULL, kind == 0 || kind == 2);
    tt1_study_free(study);
    remove_tree(s.path);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(philips_enhanced_frames_are_told_apart),
      cmocka_unit_test(trigger_delays_are_taken_only_when_asked_for),
      cmocka_unit_test(philips_classic_has_its_time_in_a_private_place),
      cmocka_unit_test(xa_slices_may_be_files_in_any_order),
      cmocka_unit_test(xa_as_classic_files),
      cmocka_unit_test(preparations_stand_in_comments_of_frames),
      cmocka_unit_test(preparations_stand_in_the_protocol),
      cmocka_unit_test(inversion_times_stand_in_the_protocol),
      cmocka_unit_test(inversion_times_stand_in_the_header),
      cmocka_unit_test(headers_are_bounded),
      cmocka_unit_test(ge_tells_kinds_in_a_private_number),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
