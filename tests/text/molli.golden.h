// Made from model "molli" by torcht1: editing is lost.
#define MODEL_NAME "molli"
#define MODEL_PARAMETERS 3
#define MODEL_KNOWN 1
#define MODEL_MAPS 1
#define MODEL_MAGNITUDE 1
#define MODEL_AMPLITUDES 2
#define MODEL_FIRST_FIXED 1
#define MODEL_NONLINEAR 1
#define MODEL_FACES 2

typedef struct signal_state {
  real v5;
  real v6;
  real v7;
  real v10;
} signal_state;
FN void signal_begin(PRIVATE signal_state *s, PRIVATE const real *p, PRIVATE const real *x)
{
  (void)s;
  (void)p;
  (void)x;
  const real v5 = bc(REAL(1.0)) / p[2];
  const real v6 = -p[1];
  const real v7 = -p[0];
  const real v8 = p[1] / p[2];
  const real v9 = p[0] * v8;
  const real v10 = -v9;
  s->v5 = v5;
  s->v6 = v6;
  s->v7 = v7;
  s->v10 = v10;
}
FN void signal_at(PRIVATE const signal_state *s, PRIVATE const real *p, PRIVATE const real *x, PRIVATE real *r)
{
  (void)s;
  (void)p;
  (void)x;
  const real v11 = x[0] * s->v5;
  const real v12 = -v11;
  const real v13 = rexp(v12);
  const real v14 = mad(s->v6, v13, bc(REAL(1.0)));
  const real v15 = p[0] * v14;
  const real v16 = v13 * s->v7;
  const real v17 = v11 * v13;
  const real v18 = v17 * s->v10;
  r[0] = v15;
  r[1] = v14;
  r[2] = v16;
  r[3] = v18;
}

typedef struct basis_state {
  real v6;
} basis_state;
FN void basis_begin(PRIVATE basis_state *s, PRIVATE const real *p, PRIVATE const real *x)
{
  (void)s;
  (void)p;
  (void)x;
  const real v6 = bc(REAL(1.0)) / p[2];
  s->v6 = v6;
}
FN void basis_at(PRIVATE const basis_state *s, PRIVATE const real *p, PRIVATE const real *x, PRIVATE real *r)
{
  (void)s;
  (void)p;
  (void)x;
  const real v7 = x[0] * s->v6;
  const real v8 = -v7;
  const real v9 = rexp(v8);
  const real v10 = v7 * v9;
  const real v11 = -v9;
  const real v12 = -v10;
  const real v13 = mad(v8, v10, v10);
  r[0] = bc(REAL(1.0));
  r[1] = bc(REAL(0.0));
  r[2] = bc(REAL(0.0));
  r[3] = v11;
  r[4] = v12;
  r[5] = v13;
}

FN void maps_at(PRIVATE const real *p, PRIVATE real *r)
{
  (void)p;
  const real v5 = p[1] + bc(REAL(-1.0));
  const real v6 = p[2] * v5;
  r[0] = v6;
  r[1] = bc(REAL(0.0));
  r[2] = p[2];
  r[3] = v5;
}
