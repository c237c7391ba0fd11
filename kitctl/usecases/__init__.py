"""What each verb means; every module reads as a numbered story."""
