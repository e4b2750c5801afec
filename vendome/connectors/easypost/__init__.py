"""EasyPost, a broker of carriers (DHL Express, FedEx, UPS and others) behind one documented REST interface.

What was checked against its documentation, and what could not be, stands in docs/howto/send-a-parcel.md.
"""
