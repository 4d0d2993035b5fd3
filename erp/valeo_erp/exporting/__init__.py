"""Lists as files: CSV and XLSX from one snapshot, guarded against formula injection."""
