declare module 'fs-native-extensions' {
  /**
   * Takes an exclusive lock on an open file, held by the kernel until the file is closed or its
   * process dies. False when another holds it; throws any other system error.
   */
  export function tryLock(fd: number): boolean;
}
