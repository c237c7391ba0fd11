"""What a release is and does. The commands in kitctl.usecases are made of these parts."""
