// Made from model "irse" by torcht1: editing is lost.
#define MODEL_NAME "irse"
#define MODEL_PARAMETERS 3
#define MODEL_KNOWN 3
#define MODEL_MAPS 0
#define MODEL_MAGNITUDE 1
#define MODEL_AMPLITUDES 2
#define MODEL_FIRST_FIXED 0
#define MODEL_NONLINEAR 1
#define MODEL_FACES 2

typedef struct signal_state {
  real v11;
  real v12;
  real v13;
  real v14;
  real v16;
} signal_state;
FN void signal_begin(PRIVATE signal_state *s, PRIVATE const real *p, PRIVATE const real *x)
{
  (void)s;
  (void)p;
  (void)x;
  const real v10 = bc(REAL(1.0)) + p[1];
  const real v11 = bc(REAL(1.0)) / p[2];
  const real v12 = -v10;
  const real v13 = bc(REAL(-2.0)) / p[2];
  const real v14 = -v11;
  const real v15 = v10 / p[2];
  const real v16 = -v15;
  s->v11 = v11;
  s->v12 = v12;
  s->v13 = v13;
  s->v14 = v14;
  s->v16 = v16;
}
FN void signal_at(PRIVATE const signal_state *s, PRIVATE const real *p, PRIVATE const real *x, PRIVATE real *r)
{
  (void)s;
  (void)p;
  (void)x;
  const real v17 = -x[1];
  const real v18 = mad(bc(REAL(0.5)), x[2], v17);
  const real v19 = v18 * s->v11;
  const real v20 = rexp(v19);
  const real v21 = x[1] * s->v11;
  const real v22 = -v21;
  const real v23 = rexp(v22);
  const real v24 = -v23;
  const real v25 = mad(bc(REAL(2.0)), v20, v24);
  const real v26 = x[0] * s->v11;
  const real v27 = -v26;
  const real v28 = rexp(v27);
  const real v29 = mad(s->v12, v28, bc(REAL(1.0)));
  const real v30 = mad(p[1], v25, v29);
  const real v31 = p[0] * v30;
  const real v32 = v25 - v28;
  const real v33 = p[0] * v32;
  const real v34 = v19 * v20;
  const real v35 = v34 * s->v13;
  const real v36 = v21 * v23;
  const real v37 = mad(s->v14, v36, v35);
  const real v38 = v26 * v28;
  const real v39 = p[1] * v37;
  const real v40 = mad(s->v16, v38, v39);
  const real v41 = p[0] * v40;
  r[0] = v31;
  r[1] = v30;
  r[2] = v33;
  r[3] = v41;
}

typedef struct basis_state {
  real v10;
} basis_state;
FN void basis_begin(PRIVATE basis_state *s, PRIVATE const real *p, PRIVATE const real *x)
{
  (void)s;
  (void)p;
  (void)x;
  const real v10 = bc(REAL(1.0)) / p[2];
  s->v10 = v10;
}
FN void basis_at(PRIVATE const basis_state *s, PRIVATE const real *p, PRIVATE const real *x, PRIVATE real *r)
{
  (void)s;
  (void)p;
  (void)x;
  const real v11 = -x[1];
  const real v12 = mad(bc(REAL(0.5)), x[2], v11);
  const real v13 = v12 * s->v10;
  const real v14 = rexp(v13);
  const real v15 = x[1] * s->v10;
  const real v16 = -v15;
  const real v17 = rexp(v16);
  const real v18 = -v17;
  const real v19 = mad(bc(REAL(2.0)), v14, v18);
  const real v20 = x[0] * s->v10;
  const real v21 = -v20;
  const real v22 = rexp(v21);
  const real v23 = v19 - v22;
  const real v24 = v13 * v14;
  const real v25 = v15 * v17;
  const real v26 = v20 * v22;
  const real v27 = bc(REAL(1.0)) - v22;
  const real v28 = -v26;
  const real v29 = mad(v21, v26, v26);
  const real v30 = -v25;
  const real v31 = mad(bc(REAL(-2.0)), v24, v30);
  const real v32 = v31 - v26;
  const real v33 = mad(v13, v24, v24);
  const real v34 = mad(v16, v25, v25);
  const real v35 = mad(bc(REAL(2.0)), v33, v34);
  const real v36 = v29 + v35;
  r[0] = v27;
  r[1] = v28;
  r[2] = v29;
  r[3] = v23;
  r[4] = v32;
  r[5] = v36;
}
