"""The measured dashboard, as Streamlit's own guide would have it written."""

import os

import pandas as pd
import streamlit as st


@st.cache_data
def read() -> pd.DataFrame:
    """Return the million rows, read once for all readers."""
    return pd.read_parquet(os.environ["BENCH_DATA"])


rows = read()
region = st.selectbox("Région", ["Toutes", *sorted(rows.region.unique())])
field = st.selectbox("Discipline", ["Toutes", *sorted(rows.field.unique())])
if region != "Toutes":
    rows = rows[rows.region == region]
if field != "Toutes":
    rows = rows[rows.field == field]
st.bar_chart(rows.groupby("year").students.sum())
st.bar_chart(rows.groupby("field", observed=True).students.sum())
st.write(f"{region}, {field}: {rows.students.sum()}")
